import { describe, expect, test } from 'vitest'
import type { LocationQuery } from 'vue-router'
import type { Filter } from '@/api/types'
import { conditions, filterFromQuery, filterInWords, KEYS, paramsFromFilter, queryFromFilter, sameFilter, withKey, without } from '@/live/filter'
import { keyLabels } from '@/messages/live'

const back = (filter: Filter) => filterFromQuery(queryFromFilter(filter) as LocationQuery)

describe('the filter in an address', () => {
  test.each<[string, Filter]>([
    ['nothing', {}],
    ['one value', { facility: ['JWST'] }],
    ['several values', { facility: ['JWST', 'HST'], band: ['Infrared'] }],
    ['what the board starts with', { intent: ['science', 'null'] }],
    ['a region', { pos: ['CIRCLE 83.6 22.0 2'] }],
    ['every key', Object.fromEntries(KEYS.map((key) => [key, [`${key} 1`, '+&=#*']]))],
  ])('%s comes back as it was written', (_, filter) => {
    expect(back(filter)).toEqual(filter)
  })

  test('leaving out the intent is written, so that it differs from never having chosen', () => {
    expect(queryFromFilter({})).toEqual({ intent: 'any' })
    expect(filterFromQuery({ intent: 'any' })).toEqual({})
  })

  test('what is no key of the filter is left alone, blanks and repetitions are dropped', () => {
    expect(filterFromQuery({ a: 'id', facility: [' JWST', 'JWST', '', null], text: null })).toEqual({ facility: ['JWST'] })
  })

  test('the API gets repeated keys', () => {
    expect(paramsFromFilter({ band: ['UV', 'Optical'], facility: ['HST'] }).toString()).toBe('facility=HST&band=UV&band=Optical')
  })

  test('filters are the same whatever the order of their keys', () => {
    expect(sameFilter({ band: ['UV'], facility: ['HST'] }, { facility: ['HST'], band: ['UV'] })).toBe(true)
    expect(sameFilter({ band: ['UV'] }, { band: ['EUV'] })).toBe(false)
  })
})

describe('changing a filter', () => {
  test('a key is set, and taken away by setting nothing', () => {
    expect(withKey({ band: ['UV'] }, 'facility', ['HST'])).toEqual({ band: ['UV'], facility: ['HST'] })
    expect(withKey({ band: ['UV'] }, 'band', [])).toEqual({})
  })

  test('one of several values is taken away', () => {
    expect(without({ facility: ['HST', 'JWST'] }, 'facility', 'HST')).toEqual({ facility: ['JWST'] })
    expect(without({ facility: ['HST'] }, 'facility', 'HST')).toEqual({})
  })

  test('with the site goes what only qualifies it', () => {
    expect(without({ visible_from: ['48.1 11.6 520'], min_alt: ['40'], band: ['UV'] }, 'visible_from')).toEqual({ band: ['UV'] })
  })
})

describe('the filter in words', () => {
  test.each<[string, Filter]>([
    ['everything', {}],
    ['science or intent unknown', { intent: ['science', 'null'] }],
    ['JWST or HST · Infrared', { facility: ['JWST', 'HST'], band: ['Infrared'] }],
    ['within 2° of 83.6, +22', { pos: ['CIRCLE 83.6 22.0 2'] }],
    ['within 0.5° of 10, −41.5', { pos: ['circle 10 -41.5 .5'] }],
    ['polygon of 3 corners', { pos: ['POLYGON 0 0 1 0 1 1'] }],
    ['target M31 · PI Smith · by plan · on the ground', { class: ['ground'], pi: ['Smith'], basis: ['scheduled'], target: ['M31'] }],
  ])('%s', (words, filter) => {
    expect(filterInWords(filter)).toBe(words)
  })

  test('a site is told by its name, with what qualifies it', () => {
    const [condition, ...others] = conditions({ visible_from: ['48.1 11.6 520'], min_alt: ['40'], visible_when: ['next24h'] }, () => 'Munich')

    expect(condition).toMatchObject({ key: 'visible_from', words: 'Munich, at least 40° high, within 24 hours' })
    expect(others).toEqual([])
  })

  test('every key has a label', () => {
    expect(Object.keys(keyLabels).sort()).toEqual([...KEYS].sort())
  })
})
