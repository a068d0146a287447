/** Activities of a filter over a span of time that grows as one looks further. */
import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import type { Activity, Filter } from '@/api/types'
import { findActivities } from './ask'

export interface Span {
  activities: ShallowRef<Activity[]>
  loading: Ref<boolean>
  error: ShallowRef<unknown>
  /** There is more in the span than was asked for. */
  partial: Ref<boolean>
  /** Looks at another window (ms): what is missing of it is asked for a moment later. */
  look: (from: number, to: number) => void
  again: () => void
}

/** Rows asked for at once. */
const MOST = 600
/** How long a window must stand still before it is asked for, milliseconds. */
const STILL = 350

interface Window {
  from: number
  to: number
}

/** Holds what a filter finds between the earliest and the latest moment looked at; renewed every `every` milliseconds. */
export function useSpan(filter: () => Filter | null, first: () => Window, every: number): Span {
  const activities = shallowRef<Activity[]>([])
  const loading = ref(false)
  const partial = ref(false)
  const error = shallowRef<unknown>(null)
  let held = new Map<string, Activity>()
  let covered: Window | null = null
  let wanted: Window | null = null
  let newest = 0
  let waiting: ReturnType<typeof setTimeout> | undefined

  async function load(window: Window): Promise<void> {
    const asked = filter()
    if (asked === null) return
    const mine = ++newest
    loading.value = true
    try {
      const times = { from: [new Date(window.from).toISOString()], to: [new Date(window.to).toISOString()] }
      const found = await findActivities({ ...asked, ...times }, { most: MOST })
      if (mine !== newest) return
      for (const one of found.activities) held.set(one.id, one)
      covered = covered ? { from: Math.min(covered.from, window.from), to: Math.max(covered.to, window.to) } : window
      activities.value = [...held.values()]
      partial.value = !found.complete
      error.value = null
    } catch (problem) {
      if (mine === newest) error.value = problem
    } finally {
      if (mine === newest) loading.value = false
    }
  }

  function look(from: number, to: number): void {
    wanted = { from, to }
    clearTimeout(waiting)
    waiting = setTimeout(() => {
      if (!covered || from < covered.from || to > covered.to) void load(missing({ from, to }, covered))
    }, STILL)
  }

  /** What is shown may have changed: it is read anew, and what a source took back is forgotten. */
  function again(): void {
    const window = wanted ?? first()
    held = new Map([...held].filter(([, one]) => !touches(one, window)))
    void load(window)
  }

  watch(
    () => JSON.stringify(filter()),
    () => {
      held = new Map()
      covered = wanted = null
      activities.value = []
      void load(first())
    },
    { immediate: true },
  )
  const timer = setInterval(() => {
    if (!document.hidden) again()
  }, every)
  onScopeDispose(() => {
    clearInterval(timer)
    clearTimeout(waiting)
    newest += 1
  })
  return { activities, loading, error, partial, look, again }
}

/** The part of a window beyond what is covered, when it lies beyond one side alone; else the whole window. */
export function missing(window: Window, covered: Window | null): Window {
  if (!covered || window.to < covered.from || window.from > covered.to) {
    // A gap between both would stay unasked for: take it along.
    return covered ? { from: Math.min(window.from, covered.to), to: Math.max(window.to, covered.from) } : window
  }
  if (window.from >= covered.from) return { from: covered.to, to: window.to }
  if (window.to <= covered.to) return { from: window.from, to: covered.from }
  return window
}

function touches({ t_min, t_max }: Activity, { from, to }: Window): boolean {
  const start = Date.parse(t_min ?? '')
  const end = Date.parse(t_max ?? t_min ?? '')
  return start <= to && end >= from
}
