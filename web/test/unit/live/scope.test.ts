import { describe, expect, test } from 'vitest'
import { hasOwnTimes, inScope, queries, streamFilter, timeOf } from '@/live/scope'
import { activity, at, NOON } from './world'

const HOUR = 60

describe('what is asked for', () => {
  test('all in progress, the next day, the last twelve hours', () => {
    expect(queries({ facility: ['JWST'] }, NOON).map(({ filter, sort }) => ({ ...filter, sort }))).toEqual([
      { facility: ['JWST'], status: ['in_progress'], sort: '-t_min' },
      { facility: ['JWST'], status: ['scheduled'], from: [at(0)], to: [at(24 * HOUR)], sort: 't_min' },
      { facility: ['JWST'], status: ['performed', 'elapsed', 'aborted'], from: [at(-12 * HOUR)], to: [at(0)], sort: '-t_min' },
    ])
  })

  test('only the states that the filter names', () => {
    expect(queries({ status: ['withdrawn', 'in_progress'] }, NOON).map(({ filter }) => filter.status)).toEqual([['in_progress'], ['withdrawn']])
    expect(queries({ status: ['planned'] }, NOON)).toHaveLength(1)
  })

  test('a filter with times of its own is taken at its word', () => {
    const filter = { from: ['now-2d'] }

    expect(hasOwnTimes(filter)).toBe(true)
    expect(queries(filter, NOON).map((query) => query.filter)).toEqual([filter])
  })

  test('the stream is not narrowed by what changes in the course of an activity', () => {
    expect(streamFilter({ facility: ['HST'], status: ['in_progress'], basis: ['reported'], from: ['now'] })).toEqual({ facility: ['HST'] })
  })
})

describe('what belongs on the board', () => {
  test.each([
    ['in progress since days', { t_min: at(-50 * HOUR), t_max: null }, true],
    ['scheduled within a day', { status: 'scheduled', t_min: at(23 * HOUR), t_max: at(25 * HOUR) }, true],
    ['scheduled later', { status: 'scheduled', t_min: at(25 * HOUR), t_max: at(26 * HOUR) }, false],
    ['scheduled, start passed, nothing heard', { status: 'scheduled', t_min: at(-5), t_max: at(5) }, true],
    ['done lately', { status: 'performed', t_min: at(-13 * HOUR), t_max: at(-11 * HOUR) }, true],
    ['done long ago', { status: 'performed', t_min: at(-15 * HOUR), t_max: at(-13 * HOUR) }, false],
    ['done, times unknown', { status: 'performed', t_min: null, t_max: null }, true],
    ['withdrawn', { status: 'withdrawn', t_min: at(5) }, false],
  ])('%s', (_, given, expected) => {
    expect(inScope(activity(given), {}, NOON)).toBe(expected)
  })

  test('what the filter says of state and basis holds', () => {
    expect(inScope(activity({ status: 'withdrawn' }), { status: ['withdrawn'] }, NOON)).toBe(true)
    expect(inScope(activity(), { basis: ['reported'] }, NOON)).toBe(false)
  })

  test('times of the filter replace those of the board', () => {
    const old = activity({ status: 'performed', t_min: at(-40 * HOUR), t_max: at(-39 * HOUR) })

    expect(inScope(old, { from: ['now-2d'] }, NOON)).toBe(true)
    expect(inScope(old, { from: ['now-1d'] }, NOON)).toBe(false)
    expect(inScope(old, { at: [at(-39.5 * HOUR)] }, NOON)).toBe(true)
  })

  test.each([
    ['now', 0],
    ['now-2h', -120],
    ['now+30m', 30],
    ['now-1d', -24 * 60],
    ['2026-11-21T13:00:00Z', 60],
    ['2026-11-21', -12 * 60],
  ])('the time %s is understood', (text, minutes) => {
    expect(timeOf(text, NOON)).toBe(NOON + minutes * 60_000)
  })
})
