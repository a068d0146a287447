/** The board at a moment of the past. */
import { ref, shallowRef, watch, type Ref } from 'vue'
import { isAbort } from '@/api/errors'
import type { Activity, Filter } from '@/api/types'
import type { Page } from './store'
import type { Query } from './scope'

/** How far one can look back, milliseconds: events are kept for so long. */
export const KEPT = 30 * 86_400_000

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
      const { lookBack } = await import('./lookBack')
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
