import { describe, expect, test } from 'vitest'
import { ApiProblem } from '@/api/errors'
import { MOST_ROWS } from '@/live/store'
import { activity, at, envelope, world } from './world'

const BATCH = 250

async function opened(given: Parameters<typeof world>[0] = {}) {
  const here = world(given)
  here.store.setFilter({ intent: ['science', 'null'] })
  await here.settle()
  here.socket().opens(here.seq)
  return here
}

describe('filling the board', () => {
  test('the lists are read first, then the socket from the place read before them', async () => {
    const here = await opened({ rows: [activity()], seq: 41 })

    expect(here.ids()).toEqual(['a'])
    expect(here.socket().path).toBe('/api/activities/live?intent=science&intent=null&since=41')
  })

  test('all that is in progress is read, page by page', async () => {
    const rows = Array.from({ length: 7 }, (_, index) => activity({ id: `n${index}` }))
    const here = await opened({ rows, pageSize: 3 })

    expect(here.store.activities.value).toHaveLength(7)
    expect(here.store.partial.value).toBe(false)
  })

  test('now comes before next, and next before last known', async () => {
    const here = await opened({
      rows: [
        activity({ id: 'done', status: 'performed', basis: 'archived', t_max: at(-5) }),
        activity({ id: 'later', status: 'scheduled', t_min: at(120) }),
        activity({ id: 'soon', status: 'scheduled', t_min: at(10) }),
        activity({ id: 'by plan' }),
        activity({ id: 'reported', basis: 'reported' }),
      ],
    })

    expect(here.ids()).toEqual(['reported', 'by plan', 'soon', 'later', 'done'])
  })

  test('a board of an earlier visit is shown with its time until the lists have come', async () => {
    const filter = { intent: ['science', 'null'] }
    const here = world({ remembered: { at: 5, filter, activities: [activity({ id: 'old' })] }, rows: [activity({ id: 'new' })] })
    here.store.setFilter(filter)

    expect(here.ids()).toEqual(['old'])
    expect(here.store.asOf.value).toBe(5)

    await here.settle()
    expect(here.ids()).toEqual(['new'])
    expect(here.store.asOf.value).toBeNull()
  })

  test('a remembered board of another filter is not shown', () => {
    const here = world({ remembered: { at: 5, filter: {}, activities: [activity()] } })
    here.store.setFilter({ facility: ['HST'] })

    expect(here.ids()).toEqual([])
  })

  test('the answer to a filter that was changed meanwhile is dropped', async () => {
    const here = world({ rows: [activity({ id: 'first' })] })
    here.store.setFilter({ facility: ['JWST'] })
    here.store.setFilter({ facility: ['HST'] })
    here.rows = [activity({ id: 'second' })]
    await here.settle()

    expect(here.sockets).toHaveLength(1)
    expect(here.socket().path).toContain('facility=HST')
  })

  test('a refused filter is told, and news go on without filling the board', async () => {
    const here = world()
    here.failure = new ApiProblem(400, null)
    here.store.setFilter({ from: ['soon'] })
    await here.settle()
    here.socket().opens(7)
    here.socket().says(envelope(8, 'started'))
    await here.pass(BATCH)

    expect(here.store.problem.value).toBe(here.failure)
    expect(here.socket().path).toBe('/api/activities/live?')
    expect(here.ids()).toEqual([])
  })

  test('lists that could not be read are asked for again', async () => {
    const here = world({ rows: [activity()] })
    here.failure = new TypeError('no network')
    here.store.setFilter({})
    await here.settle()
    here.failure = null
    await here.pass(15_000)

    expect(here.ids()).toEqual(['a'])
    expect(here.store.problem.value).toBeNull()
  })
})

describe('following events', () => {
  test('an event puts its activity on the board within a quarter of a second', async () => {
    const here = await opened()
    here.socket().says(envelope(101, 'started', { id: 'b' }))
    expect(here.ids()).toEqual([])
    await here.pass(BATCH)

    expect(here.ids()).toEqual(['b'])
  })

  test('a burst of events is applied as one batch', async () => {
    const here = await opened()
    const before = here.store.activities.value
    for (let seq = 101; seq < 151; seq += 1) here.socket().says(envelope(seq, 'scheduled', { id: `b${seq}`, status: 'scheduled' }))
    expect(here.store.activities.value).toBe(before)
    await here.pass(BATCH)

    expect(here.store.activities.value).toHaveLength(50)
  })

  test('an envelope that is not above what is held is ignored', async () => {
    const here = await opened({ rows: [activity({ seq: 90, status: 'in_progress' })], seq: 90 })
    here.socket().says(envelope(90, 'scheduled', { status: 'scheduled' }))
    here.socket().says(envelope(89, 'scheduled', { status: 'scheduled' }))
    await here.pass(BATCH)

    expect(here.store.activities.value[0]?.status).toBe('in_progress')
  })

  test('events that come twice or out of order leave the newest', async () => {
    const here = await opened()
    here.socket().says(envelope(103, 'ended', { status: 'elapsed', t_max: at(-1) }))
    here.socket().says(envelope(102, 'started', { status: 'in_progress' }))
    here.socket().says(envelope(103, 'ended', { status: 'elapsed', t_max: at(-1) }))
    await here.pass(BATCH)

    expect(here.store.activities.value.map(({ status }) => status)).toEqual(['elapsed'])
  })

  test('the state asked for is judged here, so that a row leaves when its state does', async () => {
    const here = world({ rows: [activity()] })
    here.store.setFilter({ status: ['in_progress'], facility: ['JWST'] })
    await here.settle()
    here.socket().opens(100)
    expect(here.socket().path).not.toContain('status')
    here.socket().says(envelope(101, 'ended', { status: 'elapsed', t_max: at(0) }))
    await here.pass(BATCH)

    expect(here.ids()).toEqual([])
  })

  test('a row that leaves the plan leaves the board', async () => {
    const here = await opened({ rows: [activity({ status: 'scheduled', t_min: at(30) })] })
    here.socket().says(envelope(101, 'withdrawn', { status: 'withdrawn', t_min: at(30) }))
    await here.pass(BATCH)

    expect(here.ids()).toEqual([])
  })

  test('whoever listens hears every event once', async () => {
    const here = await opened()
    const heard: number[] = []
    const off = here.store.onEvent(({ seq }) => heard.push(seq))
    here.socket().says(envelope(101, 'started'))
    off()
    here.socket().says(envelope(102, 'ended'))

    expect(heard).toEqual([101])
  })

  test('after a gap the socket resumes where it stopped', async () => {
    const here = await opened()
    here.socket().says(envelope(101, 'started'))
    here.socket().says({ type: 'keepalive', seq: 140, time: at(1) })
    here.socket().breaks()
    await here.pass(1000)

    expect(here.sockets).toHaveLength(2)
    expect(here.socket().path).toContain('since=140&log=L')
  })

  test('a reset drops what is held and reads the lists again', async () => {
    const here = await opened({ rows: [activity({ id: 'old', seq: 100 })] })
    here.rows = [activity({ id: 'new', seq: 3 })]
    here.seq = 3
    here.socket().says({ type: 'reset', log: 'M', seq: 3, reason: 'another log' })
    here.socket().says(envelope(4, 'started', { id: 'newer' }))
    expect(here.ids()).toEqual(['old'])
    await here.pass(BATCH)

    expect(here.ids().sort()).toEqual(['new', 'newer'])
    expect(here.sockets).toHaveLength(1)
  })

  test('a row that the lists no longer name goes, unless an event came after them', async () => {
    const here = await opened({ rows: [activity({ id: 'gone', seq: 50 }), activity({ id: 'kept', seq: 60 })] })
    here.socket().says(envelope(101, 'started', { id: 'fresh' }))
    await here.pass(BATCH)
    here.rows = [activity({ id: 'kept', seq: 60 })]
    await here.store.reload()

    expect(here.ids().sort()).toEqual(['fresh', 'kept'])
  })
})

describe('holding still', () => {
  async function held() {
    const here = await opened({ rows: [activity({ id: 'a', t_min: at(-10) }), activity({ id: 'b', t_min: at(-20) })] })
    here.store.hold(true)
    return here
  }

  test('under a moving pointer the order stays and the news wait', async () => {
    const here = await held()
    here.socket().says(envelope(101, 'started', { id: 'c', t_min: at(-1) }))
    await here.pass(BATCH)

    expect(here.ids()).toEqual(['a', 'b'])
    expect(here.store.waiting.value).toBe(1)
  })

  test('contents follow where they stand, and places change only when shown anew', async () => {
    const here = await held()
    here.socket().says(envelope(101, 'ended', { id: 'a', status: 'elapsed', t_max: at(-1) }))
    await here.pass(BATCH)
    const [first] = here.store.activities.value
    expect(first?.status).toBe('elapsed')
    expect(first && here.store.placed(first)).toBe('now')
    expect(here.store.waiting.value).toBe(1)

    here.store.show()
    expect(here.ids()).toEqual(['b', 'a'])
    expect(here.store.waiting.value).toBe(0)
  })

  test('what waits is shown when the pointer rests', async () => {
    const here = await held()
    here.socket().says(envelope(101, 'started', { id: 'c', t_min: at(-1) }))
    await here.pass(BATCH)
    here.store.hold(false)

    expect(here.ids()).toEqual(['c', 'a', 'b'])
  })

  test('a paused board does not change at all and catches up afterwards', async () => {
    const here = await opened({ rows: [activity()] })
    here.store.pause(true)
    here.socket().says(envelope(101, 'ended', { status: 'elapsed', t_max: at(-1) }))
    here.socket().says(envelope(102, 'started', { id: 'b' }))
    await here.pass(BATCH)
    expect(here.store.activities.value.map(({ status }) => status)).toEqual(['in_progress'])
    expect(here.store.waiting.value).toBe(2)

    here.store.pause(false)
    expect(here.ids()).toEqual(['b', 'a'])
  })
})

describe('keeping memory bounded', () => {
  test('a day of events holds no more rows than the hours the board shows', async () => {
    const here = await opened()
    here.store.start()
    let seq = 100
    const sizes: number[] = []
    for (let minute = 0; minute < 24 * 60; minute += 5) {
      for (const [event, status] of [['started', 'in_progress'], ['ended', 'elapsed']] as const) {
        seq += 1
        here.socket().says(envelope(seq, event, { id: `m${minute}`, status, t_min: at(minute - 5), t_max: at(minute) }))
      }
      here.socket().says({ type: 'keepalive', seq, time: at(minute) })
      here.seq = seq
      here.rows = here.store.activities.value.slice()
      await here.pass(5 * 60_000)
      sizes.push(here.store.activities.value.length)
    }

    const middle = Math.max(...sizes.slice(144, 216))
    expect(middle).toBeLessThan(150)
    expect(Math.max(...sizes.slice(216))).toBeLessThanOrEqual(middle * 1.05)
  })

  test('there are never more rows than the board can hold', async () => {
    const here = await opened()
    for (let seq = 101; seq < 101 + MOST_ROWS + 300; seq += 1) {
      here.socket().says(envelope(seq, 'scheduled', { id: `b${seq}`, status: 'scheduled', t_min: at(seq / 10) }))
    }
    await here.pass(BATCH)

    expect(here.store.activities.value).toHaveLength(MOST_ROWS)
    expect(here.store.byId(`b${100 + MOST_ROWS + 300}`)).toBeUndefined()
  })
})
