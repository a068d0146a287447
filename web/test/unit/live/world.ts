/** A store in a world that a test holds in its hands: time, network and server stand still until they are told. */
import { createStore, type Page, type Remembered, type Store, type StoreParts } from '@/live/store'
import type { Activity, Envelope } from '@/api/types'
import type { Query } from '@/live/scope'
import type { SocketLike, StreamLike } from '@/live/feed'

/** 2026-11-21 12:00 UTC. */
export const NOON = Date.UTC(2026, 10, 21, 12)

/** An activity of which only what matters is said. */
export function activity(given: Partial<Activity> = {}): Activity {
  return {
    id: 'a', source: 'jwst', obs_collection: 'JWST', obs_id: 'o', attempt: 1, repeat_of: null, group_id: null, revision: 1,
    seq: 1, status: 'in_progress', basis: 'scheduled', intent: 'science', role: 'prime', parallel_of: null,
    facility_name: 'JWST', telescopes: [], site: null, instrument_name: 'NIRCAM', instrument_mode: null, instruments: [],
    band: ['Infrared'], em_min: null, em_max: null, target_name: 'M-31', target_class: null, keywords: [],
    tracking_type: 'Sidereal', s_ra: 10.68, s_dec: 41.27, s_fov: null, s_region: null, category: null, priority: null,
    t_planning: null, t_min: at(-30), t_max: at(30), t_max_kind: 'planned', t_uncertainty: null, t_exptime: null,
    t_plan_exptime: null, n_exposures: null, obs_release_date: null, proposal_id: null, proposal_title: null,
    proposal_pi: null, links: [], truncated: [], demo: false, first_seen: at(-60), last_changed: at(-60),
    ...given,
  }
}

/** So many minutes after noon. */
export function at(minutes: number): string {
  return new Date(NOON + minutes * 60_000).toISOString()
}

/** An event with the activity as it stood right after it. */
export function envelope(seq: number, event: string, given: Partial<Activity> = {}): Envelope {
  return { type: 'activity', seq, event, at: at(0), logged: at(0), backfill: false, activity: activity({ ...given, seq }) }
}

class FakeSocket implements SocketLike {
  onmessage: SocketLike['onmessage'] = null
  onclose: SocketLike['onclose'] = null
  onerror: SocketLike['onerror'] = null
  closed = false
  constructor(readonly path: string) {}
  close() {
    this.closed = true
  }
  says(frame: object) {
    this.onmessage?.(new MessageEvent('message', { data: JSON.stringify(frame) }))
  }
  opens(seq: number, log = 'L') {
    this.says({ type: 'open', log, seq, since: seq, time: at(0), keepalive_s: 25 })
  }
  breaks() {
    this.onclose?.(new CloseEvent('close'))
  }
}

class FakeStream extends EventTarget implements StreamLike {
  onerror: StreamLike['onerror'] = null
  closed = false
  constructor(readonly path: string) {
    super()
  }
  close() {
    this.closed = true
  }
  says(kind: string, frame: object) {
    this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(frame) }))
  }
  breaks() {
    this.onerror?.(new Event('error'))
  }
}

/** What a test does with the world around a store. */
export interface World {
  store: Store
  sockets: FakeSocket[]
  streams: FakeStream[]
  /** Questions asked so far. */
  asked: Query[]
  /** What the server holds: the rows that pass, by the status asked for. */
  rows: Activity[]
  seq: number
  /** Rows of a page; more make another. */
  pageSize: number
  failure: unknown
  online: boolean
  remembered: Remembered | null
  /** Lets time pass, milliseconds, and all that was due in it. */
  pass: (milliseconds: number) => Promise<void>
  /** Lets answers that are on their way arrive. */
  settle: () => Promise<void>
  socket: () => FakeSocket
  stream: () => FakeStream
  ids: () => string[]
}

export function world(given: Partial<Pick<World, 'rows' | 'seq' | 'pageSize' | 'remembered' | 'online'>> = {}): World {
  let time = NOON
  let timers: { due: number; call: () => void }[] = []
  const settle = async () => {
    for (let round = 0; round < 12; round += 1) await Promise.resolve()
  }
  const self: World = {
    sockets: [], streams: [], asked: [], rows: [], seq: 100, pageSize: 200, failure: null, online: true, remembered: null,
    ...given,
    store: undefined as never,
    settle,
    async pass(milliseconds) {
      const end = time + milliseconds
      for (;;) {
        const next = timers.filter(({ due }) => due <= end).sort((one, other) => one.due - other.due)[0]
        if (!next) break
        timers = timers.filter((timer) => timer !== next)
        time = Math.max(time, next.due)
        next.call()
        await settle()
      }
      time = end
      await settle()
    },
    socket: () => last(self.sockets),
    stream: () => last(self.streams),
    ids: () => self.store.activities.value.map(({ id }) => id),
  }
  const parts: StoreParts = {
    openSocket: (path) => opened(self.sockets, new FakeSocket(path)),
    openStream: (path) => opened(self.streams, new FakeStream(path)),
    clock: {
      now: () => time,
      after(milliseconds, call) {
        const timer = { due: time + milliseconds, call }
        timers.push(timer)
        return () => (timers = timers.filter((other) => other !== timer))
      },
    },
    random: () => 0,
    online: () => self.online,
    serverSaid: () => undefined,
    fetchSources: async () => [],
    recall: () => self.remembered,
    remember: (board) => (self.remembered = board),
    async fetchPage(query, cursor): Promise<Page> {
      self.asked.push(query)
      if (self.failure) throw self.failure
      const seq = self.seq
      const passing = self.rows.filter(({ status }) => query.filter.status?.includes(status) ?? true)
      const from = Number(cursor ?? 0)
      const items = passing.slice(from, from + self.pageSize)
      const next = from + self.pageSize < passing.length ? String(from + self.pageSize) : null
      return { items, next, seq }
    },
  }
  self.store = createStore(parts)
  return self
}

function opened<T>(list: T[], one: T): T {
  list.push(one)
  return one
}

function last<T>(list: T[]): T {
  const one = list.at(-1)
  if (!one) throw new Error('none was opened')
  return one
}
