/** The board at a moment of the past. */
import { ref, shallowRef, watch, type Ref } from 'vue'
import { isAbort } from '@/api/errors'
import type { Activity, Filter } from '@/api/types'
import { withKey, without } from './filter'
import { inFeedOrder } from './order'
import type { Page } from './store'
import type { Query } from './scope'

/** How far one can look back, milliseconds: events are kept for so long. */
export const KEPT = 30 * 86_400_000
/** Most rows of a moment. */
const MOST = 400

/** What a look back shows. */
export interface Moment {
  /** What stood on the board then, by what was known then. */
  then: Activity[]
  /** What ran at that moment, as it became known later. */
  learned: Activity[]
}

/** What a look back asks. */
export interface HistoryParts {
  fetchPage: (query: Query, cursor: string | null, signal: AbortSignal) => Promise<Page>
}

/** The moment of an address, milliseconds; null when there is none, or none that can be read. */
export function momentOf(at: unknown): number | null {
  const value = typeof at === 'string' ? Date.parse(at) : NaN
  return Number.isNaN(value) ? null : value
}

/** Follows a moment and a filter; `moment` is null while nothing is looked back at. */
export function useHistory(at: Ref<number | null>, filter: Ref<Filter>, parts: HistoryParts) {
  const moment = shallowRef<Moment | null>(null)
  const loading = ref(false)
  const problem = shallowRef<unknown>(null)
  let abort = new AbortController()

  async function load() {
    abort.abort()
    abort = new AbortController()
    const { signal } = abort
    if (at.value === null) {
      moment.value = null
      loading.value = false
      return
    }
    loading.value = true
    try {
      const answer = await lookBack(parts, at.value, filter.value, signal)
      if (signal.aborted) return
      moment.value = answer
      problem.value = null
    } catch (error) {
      if (signal.aborted || isAbort(error)) return
      problem.value = error
    }
    loading.value = false
  }

  watch([at, filter], load, { immediate: true })
  return { moment, loading, problem, reload: load }
}

/** What was on the board at a moment, and what became known of it later. */
export async function lookBack(parts: HistoryParts, at: number, filter: Filter, signal: AbortSignal): Promise<Moment> {
  const time = new Date(at).toISOString()
  const timeless = (['from', 'to', 'at'] as const).reduce((left, key) => without(left, key), filter)
  const ran = ['performed', 'aborted', 'in_progress'].filter((state) => timeless.status?.includes(state) ?? true)
  const [then, known] = await Promise.all([
    all(parts, withKey(timeless, 'at', [time]), signal),
    ran.length === 0 ? [] : all(parts, { ...timeless, status: ran, from: [time], to: [time] }, signal),
  ])
  const held = new Set(then.map(({ id }) => id))
  return { then: inFeedOrder(then), learned: inFeedOrder(known.filter(({ id }) => !held.has(id))) }
}

async function all(parts: HistoryParts, filter: Filter, signal: AbortSignal): Promise<Activity[]> {
  const rows: Activity[] = []
  let cursor: string | null = null
  do {
    const page: Page = await parts.fetchPage({ filter, sort: '-t_min', most: MOST }, cursor, signal)
    rows.push(...page.items)
    cursor = page.next ?? null
  } while (cursor !== null && rows.length < MOST)
  return rows
}
