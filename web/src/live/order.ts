/** The order in which the board is read: now, next, last known. */
import type { Activity } from '@/api/types'
import { endOf, placeOf, startOf, type Place } from './place'

const PLACES: Record<Place, number> = { now: 0, next: 1, last: 2 }

/**
 * Feed order. Now: what is reported before what only a plan says, primes before parallels, newest start first.
 * Next: soonest first, without a time at the end. Last known: newest end first.
 */
export function inFeedOrder(activities: Iterable<Activity>): Activity[] {
  return Array.from(activities, (activity) => ({ activity, keys: keysOf(activity) }))
    .sort((one, other) => compare(one.keys, other.keys) || (one.activity.id < other.activity.id ? -1 : 1))
    .map(({ activity }) => activity)
}

function keysOf(activity: Activity): number[] {
  const place = placeOf(activity)
  const start = startOf(activity)
  if (place === 'now') {
    return [PLACES.now, activity.basis === 'reported' ? 0 : 1, activity.role === 'prime' ? 0 : 1, -(start ?? 0)]
  }
  if (place === 'next') return [PLACES.next, start ?? Infinity]
  return [PLACES.last, -(endOf(activity) ?? start ?? 0)]
}

function compare(one: number[], other: number[]): number {
  for (const [index, value] of one.entries()) {
    const against = other[index] ?? 0
    if (value !== against) return value < against ? -1 : 1
  }
  return 0
}
