/** Where an activity stands on the board, and what may be claimed of it. */
import type { Activity, Source } from '@/api/types'
import { claims } from '@/messages/live'

/** The three parts of the board, in the order in which they are shown. */
export type Place = 'now' | 'next' | 'last'

/** Its status says that it is in progress, reported or by plan. */
export function isNow(activity: Activity): boolean {
  return activity.status === 'in_progress'
}

/** The part of the board it belongs to. It follows the status alone: the clock of a browser never starts or ends anything. */
export function placeOf(activity: Activity): Place {
  if (isNow(activity)) return 'now'
  return activity.status === 'scheduled' || activity.status === 'planned' ? 'next' : 'last'
}

/** What may be said of it, with how it is known: “in progress, by plan”. */
export function claim(activity: Pick<Activity, 'status' | 'basis'>): string {
  const { status, basis } = activity
  return claims[`${status} ${basis}`] ?? `${status.replaceAll('_', ' ')}, ${basis}`
}

/** The source that tells of it has not answered when it should have; unknown sources count as in time. */
export function isLate(activity: Pick<Activity, 'source'>, sources: readonly Source[]): boolean {
  const source = sources.find(({ name }) => name === activity.source)
  return source?.health === 'late' || source?.health === 'failing'
}

/** Start in milliseconds, or null. */
export function startOf(activity: Pick<Activity, 't_min'>): number | null {
  return milliseconds(activity.t_min)
}

/** Published or known end in milliseconds, or null. */
export function endOf(activity: Pick<Activity, 't_max'>): number | null {
  return milliseconds(activity.t_max)
}

/** How much of the published time has gone by at `now`, 0 to 1; null unless it is in progress with both ends known. */
export function progressOf(activity: Activity, now: number): number | null {
  const [start, end] = [startOf(activity), endOf(activity)]
  if (!isNow(activity) || start === null || end === null || end <= start) return null
  return Math.min(1, Math.max(0, (now - start) / (end - start)))
}

function milliseconds(time: string | null | undefined): number | null {
  const value = time ? Date.parse(time) : NaN
  return Number.isNaN(value) ? null : value
}
