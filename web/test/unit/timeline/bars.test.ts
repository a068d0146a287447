import { describe, expect, test } from 'vitest'
import { barOf } from '@/timeline/bars'
import { spoken } from '@/timeline/words'
import { made, minutes, MINUTE, NOON, source } from './made'

const at = (time: number) => (time - NOON) / MINUTE
const bar = (given: Parameters<typeof made>[0], sources = [source()]) => {
  const found = barOf(made(given), sources, NOON)
  if (!found) throw new Error('no bar')
  return found
}

describe('what is drawn solid', () => {
  test('a plan is never known to have happened, even while its time runs', () => {
    for (const status of ['scheduled', 'in_progress', 'elapsed']) expect(bar({ status }).known).toBe(bar({ status }).start)
    expect(bar({ status: 'in_progress' }).kind).toBe('running')
  })

  test('what is reported to run is known until its source last answered, and a plan from there on', () => {
    const running = bar({ status: 'in_progress', basis: 'reported' }, [source({ last_success: minutes(-10) })])
    expect([at(running.start), at(running.known), at(running.end)]).toEqual([-30, -10, 30])
  })

  test('what is reported to run without an end goes no further than its source was heard', () => {
    const running = bar({ status: 'in_progress', basis: 'reported', t_max: null }, [source({ last_success: minutes(-10) })])
    expect([at(running.known), at(running.end), running.open]).toEqual([-10, -10, true])
  })

  test('an answer of the source after the said end does not lengthen the bar', () => {
    const running = bar({ status: 'in_progress', basis: 'reported', t_max: minutes(-5) })
    expect([at(running.known), at(running.end)]).toEqual([-5, -5])
  })

  test('what was done is known from end to end, by report and from an archive', () => {
    expect(bar({ status: 'performed', basis: 'reported' })).toMatchObject({ kind: 'reported', known: NOON + 30 * MINUTE })
    expect(bar({ status: 'performed', basis: 'archived' })).toMatchObject({ kind: 'archived', known: NOON + 30 * MINUTE })
  })
})

describe('ends and edges', () => {
  test('a lower bound leaves the end open, an exact one does not', () => {
    expect(bar({ status: 'performed', basis: 'archived', t_max_kind: 'lower_bound' }).open).toBe(true)
    expect(bar({ status: 'performed', basis: 'reported', t_max_kind: 'exact' }).open).toBe(false)
  })

  test('without an end the bar is its start alone', () => {
    expect(bar({ status: 'scheduled', t_max: null })).toMatchObject({ end: NOON - 30 * MINUTE, open: true })
  })

  test('a stated uncertainty becomes a margin on both sides', () => {
    expect(bar({ t_uncertainty: 90 }).margin).toBe(90_000)
    expect(bar({ t_uncertainty: null }).margin).toBe(0)
  })

  test('a failing source makes its bars late', () => {
    expect(bar({}, [source({ health: 'failing' })]).late).toBe(true)
    expect(bar({}, [source({ health: 'good' })]).late).toBe(false)
  })

  test('what has no time and what was withdrawn is not drawn', () => {
    expect(barOf(made({ t_min: null, t_max: null, status: 'planned' }), [], NOON)).toBeNull()
    expect(barOf(made({ status: 'withdrawn' }), [], NOON)).toBeNull()
  })
})

describe('the spoken name', () => {
  const shape = (given: Parameters<typeof made>[0], sources = [source()]) => ({
    type: 'bar' as const, key: 'one', bar: bar(given, sources), row: 0, x: 0, width: 10, known: 0, cut: false,
  })

  test('tells who, what, with what, how it is known and when', () => {
    expect(spoken(shape({ status: 'in_progress', target_name: 'M 81', instrument_name: 'NIRCAM' }))).toBe(
      'JWST, M 81, NIRCAM, in progress, by plan, 21 Nov 11:30 to 12:30 UTC',
    )
  })

  test('tells what is not known', () => {
    const open = { status: 'performed', basis: 'archived', t_max_kind: 'lower_bound', t_uncertainty: 300 }
    expect(spoken(shape(open, [source({ health: 'late' })]))).toBe(
      'JWST, target not given, instrument not given, done, archived, 21 Nov 11:30 to 12:30 UTC, end not known yet, times good to 5 min, its source is late',
    )
  })
})
