/** The board's rows: filled by REST, kept by the live feed, shown in an order that does not jump. */
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import type { Activity, Envelope, Filter, Source } from '@/api/types'
import { ApiProblem } from '@/api/errors'
import { sameFilter } from './filter'
import { createFeed, type Connection, type FeedParts } from './feed'
import { inFeedOrder } from './order'
import { browserParts } from './parts'
import { placeOf, type Place } from './place'
import { inScope, queries, streamFilter, type Query } from './scope'

/** A page of activities and the log's end read before it. */
export interface Page {
  items: Activity[]
  next?: string | null
  seq: number
}

/** What was on the board when it was last open on this device. */
export interface Remembered {
  /** When, server milliseconds. */
  at: number
  filter: Filter
  activities: Activity[]
}

/** What a store is made of, so that tests can make one of parts they hold. */
export interface StoreParts extends FeedParts {
  fetchPage: (query: Query, cursor: string | null, signal: AbortSignal) => Promise<Page>
  fetchSources: () => Promise<Source[]>
  /** Sets the offset of the server's clock. */
  serverSaid: (time: string) => void
  recall: () => Remembered | null
  remember: (board: Remembered) => void
}

/** The live board of the app. */
export interface Store {
  /** What the filter shows, in feed order. */
  activities: ShallowRef<Activity[]>
  byId: (id: string) => Activity | undefined
  /** The part of the board a row is shown in; it changes only when the order may. */
  placed: (activity: Activity) => Place
  connection: ShallowRef<Connection>
  sources: ShallowRef<Source[]>
  /** Rows that are new, or belong elsewhere, and are not shown yet. */
  waiting: Ref<number>
  /** Shows them. */
  show: () => void
  /** Keeps the order as it is while somebody points at the list or has the focus in it; contents go on changing. */
  hold: (on: boolean) => void
  paused: Ref<boolean>
  /** Freezes what is shown; news are kept for later. */
  pause: (on: boolean) => void
  setFilter: (filter: Filter) => void
  filter: ShallowRef<Filter>
  /** The first answer to the present filter is on its way. */
  loading: Ref<boolean>
  /** Why the board could not be loaded; null when it was. */
  problem: ShallowRef<unknown>
  /** The rows are those of an earlier visit: when that was, server milliseconds; null when they are not. */
  asOf: Ref<number | null>
  /** When the board was last known to be complete, server milliseconds; null before that. */
  heldFrom: Ref<number | null>
  /** There is more than the board holds. */
  partial: Ref<boolean>
  /** Asks for everything again. */
  reload: () => Promise<void>
  /** Tries to connect at once. */
  retry: () => void
  /** Calls back with every event that passes the filter; the answer ends that. */
  onEvent: (call: (envelope: Envelope) => void) => () => void
  start: () => void
  stop: () => void
}

/** Batches are applied at most this often, milliseconds. */
const BATCH = 250
/** The board asks for everything again this often, milliseconds: the window it shows moves on with time. */
const RENEW = 10 * 60_000
/** Sources are asked for this often, milliseconds. */
const SOURCES = 60_000
/** The board is kept on the device this often, milliseconds. */
const REMEMBER = 60_000
/** Most rows held; the last of the order go first. */
export const MOST_ROWS = 2500
/** Most rows kept on the device for the next visit. */
const REMEMBERED = 150

/** A store; `start` it once. */
export function createStore(parts: StoreParts): Store {
  const { clock } = parts
  const rows = new Map<string, Activity>()
  const listeners = new Set<(envelope: Envelope) => void>()
  const activities = shallowRef<Activity[]>([])
  const shown = new Map<string, Activity>()
  const filter = shallowRef<Filter>({})
  const connection = shallowRef<Connection>({ state: 'starting', way: null, heard: null, retryAt: null })
  const sources = shallowRef<Source[]>([])
  const waiting = ref(0)
  const paused = ref(false)
  const loading = ref(false)
  const problem = shallowRef<unknown>(null)
  const asOf = ref<number | null>(null)
  const heldFrom = ref<number | null>(null)
  const partial = ref(false)
  let held = false
  let chosen = false
  // The feed carries what the filter lets through, not everything.
  let following = false
  let asked = 0
  let abort = new AbortController()
  let flushing = false
  const stops: (() => void)[] = []

  const feed = createFeed(parts, {
    envelope: receive,
    reset() {
      rows.clear()
      void reload()
    },
    time: parts.serverSaid,
    connection(said) {
      connection.value = said
      if (said.state === 'live' && said.heard !== null && following) heldFrom.value = said.heard
    },
    poll: () => void reload(),
  })

  function receive(envelope: Envelope) {
    if (following) take(envelope.activity, envelope.seq)
    for (const call of listeners) call(envelope)
    flushSoon()
  }

  /** Takes an activity as it stood at `seq`, unless something as new is held. */
  function take(activity: Activity, seq: number) {
    const mine = rows.get(activity.id)
    if (mine && mine.seq >= seq) return
    rows.set(activity.id, activity)
  }

  function flushSoon() {
    if (flushing) return
    flushing = true
    clock.after(BATCH, () => {
      flushing = false
      publish(held || paused.value)
    })
  }

  /** Puts the rows on the board; with `keep`, in the order they have there. */
  function publish(keep: boolean) {
    const ordered = inScopeAndOrder()
    if (!keep) return put(ordered)
    waiting.value = ordered.filter((row) => {
      const before = shown.get(row.id)
      return !before || placeOf(before) !== placeOf(row)
    }).length
    if (paused.value) return
    // Contents follow, places do not: a row that ended stays where it is until the board is shown anew.
    activities.value = activities.value.map((row) => rows.get(row.id) ?? row)
  }

  function put(ordered: Activity[]) {
    activities.value = ordered
    shown.clear()
    for (const row of ordered) shown.set(row.id, row)
    waiting.value = 0
  }

  /** Drops the rows that belong on the board no longer; answers the others in feed order. */
  function inScopeAndOrder(): Activity[] {
    const now = clock.now()
    for (const [id, row] of rows) if (!inScope(row, filter.value, now)) rows.delete(id)
    const ordered = inFeedOrder(rows.values())
    for (const row of ordered.slice(MOST_ROWS)) rows.delete(row.id)
    return ordered.slice(0, MOST_ROWS)
  }

  async function reload(): Promise<void> {
    if (!chosen) return
    const mine = (asked += 1)
    abort.abort()
    abort = new AbortController()
    const answer = { found: new Set<string>(), end: Infinity, more: false }
    const asking = queries(filter.value, clock.now())
    let unopened = asking.length
    const page = async (query: Query, cursor: string | null, count = 0): Promise<void> => {
      const { items, next, seq } = await parts.fetchPage(query, cursor, abort.signal)
      if (mine !== asked) return
      answer.end = Math.min(answer.end, seq)
      for (const activity of items) {
        take(activity, activity.seq)
        answer.found.add(activity.id)
      }
      // The first pages are shown before the others are asked for: they are what is happening now.
      if (cursor === null && (unopened -= 1) === 0 && loading.value) begin(answer.found)
      if (!next) return
      if (count + items.length >= query.most) answer.more = true
      else await page(query, next, count + items.length)
    }
    try {
      await Promise.all(asking.map((query) => page(query, null)))
      if (mine === asked) finish(answer)
    } catch (error) {
      if (mine === asked) fail(error)
    }
  }

  /** Shows the first pages of a filter's first answer. */
  function begin(found: Set<string>) {
    if (asOf.value !== null) for (const id of rows.keys()) if (!found.has(id)) rows.delete(id)
    asOf.value = null
    loading.value = false
    publish(held || paused.value)
  }

  function finish({ found, end, more }: { found: Set<string>; end: number; more: boolean }) {
    // What the lists no longer name and no event has touched since is gone from the board.
    for (const [id, row] of rows) if (!found.has(id) && row.seq <= end) rows.delete(id)
    problem.value = null
    heldFrom.value = clock.now()
    partial.value = more
    asOf.value = null
    loading.value = false
    publish(held || paused.value)
    follow(streamFilter(filter.value), Number.isFinite(end) ? end : null)
    keep()
  }

  function fail(error: unknown) {
    problem.value = error
    loading.value = false
    const refused = error instanceof ApiProblem && error.status < 500
    if (refused && !following) return feed.follow({}, null)
    follow(streamFilter(filter.value), null)
    clock.after(SOURCES / 4, () => {
      if (problem.value === error) void reload()
    })
  }

  /** Follows the present filter from a place in the log, unless that is done already. */
  function follow(wanted: Filter, since: number | null) {
    if (following) return
    following = true
    feed.follow(wanted, since)
  }

  function keep() {
    if (asOf.value !== null || activities.value.length === 0) return
    parts.remember({ at: clock.now(), filter: filter.value, activities: activities.value.slice(0, REMEMBERED) })
  }

  function setFilter(wanted: Filter) {
    if (chosen && sameFilter(wanted, filter.value)) return
    const recalled = chosen ? null : parts.recall()
    chosen = true
    filter.value = wanted
    rows.clear()
    problem.value = null
    partial.value = false
    loading.value = true
    held = false
    paused.value = false
    following = false
    feed.stop()
    const same = recalled && sameFilter(recalled.filter, wanted)
    asOf.value = same ? recalled.at : null
    put(same ? inFeedOrder(recalled.activities) : [])
    void reload()
  }

  function refreshSources() {
    parts.fetchSources().then(
      (answer) => (sources.value = answer),
      () => undefined,
    )
  }

  /** Calls now and then until the store is stopped. */
  function every(milliseconds: number, call: () => void) {
    let cancel = clock.after(milliseconds, function again() {
      call()
      cancel = clock.after(milliseconds, again)
    })
    stops.push(() => cancel())
  }

  return {
    activities,
    byId: (id) => rows.get(id) ?? shown.get(id),
    placed: (activity) => placeOf(shown.get(activity.id) ?? activity),
    connection,
    sources,
    waiting,
    show: () => publish(false),
    hold(on) {
      held = on
      if (!on && !paused.value && waiting.value > 0) publish(false)
    },
    paused,
    pause(on) {
      paused.value = on
      publish(on || held)
    },
    setFilter,
    filter,
    loading,
    problem,
    asOf,
    heldFrom,
    partial,
    reload,
    retry: feed.retry,
    onEvent(call) {
      listeners.add(call)
      return () => listeners.delete(call)
    },
    start() {
      refreshSources()
      // On most pages nobody chooses a filter; on the board one comes at once.
      stops.push(clock.after(1000, () => {
        if (!chosen) feed.follow({}, null)
      }))
      every(SOURCES, refreshSources)
      every(RENEW, () => void reload())
      every(REMEMBER, keep)
    },
    stop() {
      feed.stop()
      abort.abort()
      for (const end of stops.splice(0)) end()
    },
  }
}

let live: Store | null = null

/** The board of the whole app; it starts when it is first asked for. */
export function useLive(): Store {
  if (!live) {
    live = createStore(browserParts())
    live.start()
    globalThis.addEventListener('online', live.retry)
    globalThis.addEventListener('offline', live.retry)
    // A page that slept may hold a socket that has died without a word.
    const { retry } = live
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) retry()
    })
  }
  return live
}
