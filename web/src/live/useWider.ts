/** What the timeline shows beyond the hours the board holds. */
import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type Ref } from 'vue'
import type { Activity, Filter } from '@/api/types'
import { without } from './filter'
import type { HistoryParts } from './history'
import type { Page } from './store'
import { AHEAD, BACK } from './scope'

/** How long the window must rest before more is asked for, milliseconds. */
const REST = 400
/** Most rows asked for. */
const MOST = 1000

/** A stretch of time, milliseconds. */
export interface Stretch {
  from: number
  to: number
}

/**
 * The rows of the board and, where the stretch looked at reaches beyond what the board holds, those of the stretch as
 * they are known today; rows of the board stand for themselves.
 */
export function useWider(
  activities: Ref<Activity[]>,
  filter: Ref<Filter>,
  at: Ref<number | null>,
  now: () => number,
  parts: HistoryParts,
): { wide: ComputedRef<Activity[]>; look: (from: number, to: number) => void } {
  const stretch = shallowRef<Stretch | null>(null)
  const more = shallowRef<Activity[]>([])
  let resting: ReturnType<typeof setTimeout> | undefined
  let abort = new AbortController()

  function look(from: number, to: number) {
    clearTimeout(resting)
    resting = setTimeout(() => (stretch.value = beyond({ from, to }, at.value === null ? now() : null)), REST)
  }

  async function load() {
    abort.abort()
    abort = new AbortController()
    const { signal } = abort
    if (!stretch.value) {
      more.value = []
      return
    }
    const { from, to } = stretch.value
    const timeless = without(filter.value, 'at')
    const query = { ...timeless, from: [new Date(from).toISOString()], to: [new Date(to).toISOString()] }
    const rows: Activity[] = []
    let cursor: string | null = null
    try {
      do {
        const page: Page = await parts.fetchPage({ filter: query, sort: '-t_min', most: MOST }, cursor, signal)
        rows.push(...page.items)
        cursor = page.next ?? null
      } while (cursor !== null && rows.length < MOST && !signal.aborted)
    } catch {
      // The board's own rows stay; the next move of the window asks again.
    }
    if (!signal.aborted) more.value = rows.filter(({ status }) => filter.value.status || status !== 'withdrawn')
  }

  watch([stretch, filter], load)
  onScopeDispose(() => {
    clearTimeout(resting)
    abort.abort()
  })

  const wide = computed(() => {
    if (more.value.length === 0) return activities.value
    const held = new Set(activities.value.map(({ id }) => id))
    return [...activities.value, ...more.value.filter(({ id }) => !held.has(id))]
  })
  return { wide, look }
}

/** The stretch itself where it reaches beyond what the board holds at `now`; all of it while one looks back (null). */
export function beyond(stretch: Stretch, now: number | null): Stretch | null {
  if (now === null) return stretch
  return stretch.from < now - BACK || stretch.to > now + AHEAD ? stretch : null
}
