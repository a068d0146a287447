/** Who looks at a field of the sky, or at what has a name. */
import { computed, type ComputedRef } from 'vue'
import type { Activity, Filter, Source } from '@/api/types'
import { isNow, placeOf, startOf } from '@/live/place'
import { serverNow } from '@/time/clock'
import { askFor, findActivities } from './ask'
import { useAnswer, type Answered } from './useAnswer'

const HOUR = 3_600_000
const WEEK = 7 * 24 * HOUR
/** Activities read at most; the newest come first. */
const MOST = 400

export interface Field {
  found: Answered<{ activities: Activity[]; complete: boolean }>
  sources: ComputedRef<Source[]>
  now: ComputedRef<Activity[]>
  /** The next one first. */
  will: ComputedRef<Activity[]>
  /** The newest first. */
  did: ComputedRef<Activity[]>
  /** A window (ms) that shows what lies within a week of now. */
  window: ComputedRef<{ from: number; to: number } | null>
}

/** What a filter finds, sorted into now, planned and before; renewed every half minute. */
export function useField(filter: () => Filter | null): Field {
  const found = useAnswer(filter, (asked) => findActivities(asked, { most: MOST }), 30_000)
  const all = useAnswer(() => '', () => askFor<{ items: Source[] }>('/api/sources'), 60_000)
  const activities = computed(() => (found.data.value?.activities ?? []).filter(({ status }) => status !== 'withdrawn'))
  return {
    found,
    sources: computed(() => all.data.value?.items ?? []),
    now: computed(() => activities.value.filter(isNow)),
    will: computed(() => activities.value.filter((one) => placeOf(one) === 'next').sort((a, b) => (startOf(a) ?? Infinity) - (startOf(b) ?? Infinity))),
    did: computed(() => activities.value.filter((one) => placeOf(one) === 'last')),
    window: computed(() => windowOf(found.data.value?.activities ?? [], serverNow())),
  }
}

/** From the first to the last moment within a week of `now`, with a little room, and six hours at least; null without any. */
export function windowOf(activities: readonly Activity[], now: number): { from: number; to: number } | null {
  const times = activities
    .flatMap(({ t_min: from, t_max: to }) => [Date.parse(from ?? ''), Date.parse(to ?? from ?? '')])
    .filter((time) => Math.abs(time - now) < WEEK)
  if (times.length === 0) return null
  const from = Math.min(now - HOUR, ...times)
  const to = Math.max(now + HOUR, ...times)
  const room = Math.max((to - from) * 0.05, (6 * HOUR - (to - from)) / 2)
  return { from: from - room, to: to + room }
}
