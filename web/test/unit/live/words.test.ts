import { describe, expect, test } from 'vitest'
import type { Activity } from '@/api/types'
import { claim, isLate, placeOf, progressOf } from '@/live/place'
import { instrumentInWords, lastKnownInWords, timingInWords } from '@/live/saying'
import { activity, at, NOON } from './world'

describe('what is claimed', () => {
  test.each([
    ['in_progress', 'reported', 'in progress, reported'],
    ['in_progress', 'scheduled', 'in progress, by plan'],
    ['scheduled', 'scheduled', 'scheduled, by plan'],
    ['elapsed', 'scheduled', 'planned end has passed, outcome unknown'],
    ['performed', 'archived', 'done, archived'],
    ['aborted', 'reported', 'did not happen as planned, reported'],
    ['never_heard_of', 'somehow', 'never heard of, somehow'],
  ])('%s with basis %s is “%s”', (status, basis, words) => {
    expect(claim({ status, basis })).toBe(words)
  })

  test('the clock alone moves nothing from one part of the board to another', () => {
    expect(placeOf(activity({ status: 'scheduled', t_min: at(-60), t_max: at(-30) }))).toBe('next')
    expect(placeOf(activity({ status: 'in_progress', t_max: at(-30) }))).toBe('now')
  })

  test('progress is told only where it runs and both ends are known', () => {
    expect(progressOf(activity({ t_min: at(-30), t_max: at(90) }), NOON)).toBe(0.25)
    expect(progressOf(activity({ t_max: at(-10) }), NOON)).toBe(1)
    expect(progressOf(activity({ t_max: null }), NOON)).toBeNull()
    expect(progressOf(activity({ status: 'performed' }), NOON)).toBeNull()
  })

  test('a source that is late or failing is late, an unknown one is not', () => {
    const source = (health: string) => [{ name: 'jwst', health }] as never

    expect(isLate(activity(), source('late'))).toBe(true)
    expect(isLate(activity(), source('failing'))).toBe(true)
    expect(isLate(activity(), source('good'))).toBe(false)
    expect(isLate(activity(), [])).toBe(false)
  })
})

describe('when it is, in words', () => {
  test.each<[string, Partial<Activity>]>([
    ['since 30 min · planned end in 30 min', {}],
    ['since 30 min · planned end has passed', { t_max: at(-1) }],
    ['since 30 min', { t_max: null }],
    ['began just now', { t_min: at(-0.2), t_max: null }],
    ['', { t_min: null, t_max: null }],
    ['planned start in 20 min', { status: 'scheduled', t_min: at(20) }],
    ['planned start has passed, nothing heard', { status: 'scheduled', t_min: at(-2) }],
    ['no time yet', { status: 'planned', t_min: null, t_max: null }],
    ['planned end was 9 min ago; outcome unknown', { status: 'elapsed', t_max: at(-9) }],
    ['ended 9 min ago', { status: 'performed', basis: 'reported', t_max: at(-9), t_max_kind: 'exact' }],
    ['newest exposure ended 9 min ago', { status: 'performed', basis: 'archived', t_max: at(-9), t_max_kind: 'lower_bound' }],
    ['end unknown', { status: 'performed', t_max: null }],
  ])('%s', (words, given) => {
    expect(timingInWords(activity(given), NOON)).toBe(words)
  })

  test('an archive tells what was last known, never that it is observing', () => {
    const muse = activity({ status: 'performed', basis: 'archived', instrument_name: 'MUSE', t_max: at(-9), t_max_kind: 'exact' })

    expect(lastKnownInWords(muse, NOON)).toBe('Last known: MUSE, ended 9 min ago')
  })

  test('an instrument is not said twice, and not invented', () => {
    expect(instrumentInWords(activity({ instrument_mode: 'NIRCam Imaging' }))).toBe('NIRCam Imaging')
    expect(instrumentInWords(activity({ instrument_name: 'XRT', instrument_mode: 'PC' }))).toBe('XRT PC')
    expect(instrumentInWords(activity({ instrument_name: null }))).toBe('instrument unknown')
  })
})
