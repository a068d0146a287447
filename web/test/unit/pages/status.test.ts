import { describe, expect, test } from 'vitest'
import type { Activity, Source } from '@/api/types'
import { statusOf } from '@/pages/parts/status'
import { made, minutes, NOON, source } from '../timeline/made'

interface Present {
  running?: Activity[]
  last?: Activity | null
  next?: Activity | null
  sources?: string[]
}

const statusWith = ({ running = [], last = null, next = null, sources = ['jwst'] }: Present, own: Source[] = [source()]) =>
  statusOf({ name: 'JWST', sources, now: { in_progress: running, last, as_of: minutes(-2) }, next }, own, NOON)

const done = made({ id: 'done', status: 'performed', basis: 'archived', instrument_name: 'MUSE', target_name: 'NGC 1365', t_min: minutes(-60), t_max: minutes(-9), t_max_kind: 'exact' })
const next = made({ id: 'next', target_name: 'M 31', t_min: minutes(20), t_max: minutes(80) })
const planning = source({ horizon: minutes(600) })

describe('the status line of a facility', () => {
  test('in progress, reported', () => {
    const said = statusWith({ running: [made({ status: 'in_progress', basis: 'reported', instrument_name: 'NIRCAM', target_name: 'M 81' })] })
    expect([said.kind, said.title]).toEqual(['reported', 'In progress, reported'])
    expect(said.detail).toBe('NIRCAM on M 81 · since 30 min · planned end in 30 min')
  })

  test('in progress, by plan, with what runs beside it', () => {
    const said = statusWith({
      running: [
        made({ id: 'beside', role: 'pure_parallel', status: 'in_progress', instrument_name: 'NIRISS' }),
        made({ status: 'in_progress', instrument_name: 'NIRCAM', target_name: 'M 81' }),
      ],
    })
    expect([said.kind, said.title, said.activity?.id]).toEqual(['plan', 'In progress, by plan', 'one'])
    expect(said.detail).toBe('NIRCAM on M 81 · since 30 min · planned end in 30 min · 1 more beside it')
  })

  test('what is reported goes before what is only planned', () => {
    const running = [made({ id: 'plan', status: 'in_progress' }), made({ id: 'report', status: 'in_progress', basis: 'reported' })]
    expect(statusWith({ running }).activity?.id).toBe('report')
  })

  test('between planned visits, with the one before and the one to come', () => {
    const said = statusWith({ last: done, next }, [planning])
    expect([said.title, said.detail]).toEqual(['Between planned visits', 'the last one ended 9 min ago · Next by plan: M 31, in 20 min'])
  })

  test('a plan whose time has passed is not said to have ended', () => {
    const said = statusWith({ last: made({ status: 'elapsed', t_min: minutes(-60), t_max: minutes(-9) }), next }, [planning])
    expect(said.detail).toBe('the last one was to end 9 min ago, outcome unknown · Next by plan: M 31, in 20 min')
  })

  test('no plan for this time, once the plan has run out', () => {
    const said = statusWith({ last: done }, [source({ horizon: minutes(-120) })])
    expect([said.title, said.detail]).toEqual(['No plan for this time', 'The plan we hold ended 2 h ago.'])
  })

  test('not pointing, when the source says so', () => {
    const note = 'not pointing, or the next plan is not out yet: no target ahead'
    const said = statusWith({ last: done }, [source({ notes: [note] })])
    expect([said.title, said.detail]).toEqual(['Not pointing, the source says so', note])
  })

  test('an archive alone gives what was last known, never that it observes', () => {
    const said = statusWith({ last: done })
    expect([said.kind, said.title, said.detail]).toEqual(['last', 'Last known: MUSE on NGC 1365', 'ended 9 min ago'])
  })

  test('an archive that has shown nothing for days says nothing recent', () => {
    const said = statusWith({ last: made({ ...done, t_min: minutes(-4000), t_max: minutes(-3900) }) })
    expect([said.title, said.detail]).toEqual(['Nothing recent', 'Last known: MUSE, ended 2 d ago'])
  })

  test('unknown, with the reason: nothing told yet, or nobody to tell', () => {
    expect(statusWith({})).toMatchObject({ title: 'Unknown', detail: 'Its source has told nothing of it yet.' })
    expect(statusWith({ sources: [] }, [])).toMatchObject({ title: 'Unknown', detail: 'No source we read tells of it yet.', known: null })
  })

  test('tells what it is known from, when that was heard, and whether it is late', () => {
    expect(statusWith({ last: done }).known).toBe('Known from James Webb Space Telescope, heard 2 min ago')
    const late = statusWith({ last: done }, [source({ health: 'late' })])
    expect([late.late, late.known]).toEqual([true, 'Known from James Webb Space Telescope, which is late, heard 2 min ago'])
  })
})
