/**
 * What of the world the board holds: all that is in progress, what comes within a day, and what was last known in the
 * twelve hours before. A filter that names times of its own is taken at its word.
 */
import type { Activity, Filter } from '@/api/types'
import { hasKey, without, withKey } from './filter'
import { endOf, placeOf, startOf } from './place'

/** How far ahead the board looks, milliseconds. */
export const AHEAD = 24 * 3_600_000
/** How far back the board looks, milliseconds. */
export const BACK = 12 * 3_600_000

/** States that the board shows unless the filter names others. */
const SHOWN = ['in_progress', 'scheduled', 'performed', 'elapsed', 'aborted']

/** A question for the list of activities. */
export interface Query {
  filter: Filter
  sort: 't_min' | '-t_min'
  /** Rows after which no further page is asked for. */
  most: number
}

/** The questions that fill the board, what matters most first. */
export function queries(filter: Filter, now: number): Query[] {
  if (hasOwnTimes(filter)) return [{ filter, sort: '-t_min', most: 1000 }]
  const parts: (Query & { states: string[] })[] = [
    { states: ['in_progress'], filter, sort: '-t_min', most: Infinity },
    { states: ['scheduled'], filter: within(filter, now, now + AHEAD), sort: 't_min', most: 600 },
    { states: ['performed', 'elapsed', 'aborted', 'withdrawn'], filter: within(filter, now - BACK, now), sort: '-t_min', most: 600 },
    { states: ['planned'], filter, sort: '-t_min', most: 200 },
  ]
  const wanted = filter.status ?? SHOWN
  return parts
    .map(({ states, ...query }) => ({ ...query, filter: withKey(query.filter, 'status', states.filter((state) => wanted.includes(state))) }))
    .filter((query) => hasKey(query.filter, 'status'))
}

/**
 * The filter for the live stream. States, bases and times are left to `inScope`: an event that takes an activity out of
 * them must reach us too.
 */
export function streamFilter(filter: Filter): Filter {
  return (['status', 'basis', 'from', 'to', 'at'] as const).reduce((left, key) => without(left, key), filter)
}

/** The activity, having passed `streamFilter`, belongs on the board. */
export function inScope(activity: Activity, filter: Filter, now: number): boolean {
  if (!(filter.status ?? SHOWN).includes(activity.status)) return false
  if (filter.basis && !filter.basis.includes(activity.basis)) return false
  const [from, until] = span(filter, now, placeOf(activity))
  const start = startOf(activity)
  const end = endOf(activity) ?? start
  return (start === null || start <= until) && (end === null || end >= from)
}

/** The filter names times of its own. */
export function hasOwnTimes(filter: Filter): boolean {
  return hasKey(filter, 'from') || hasKey(filter, 'to') || hasKey(filter, 'at')
}

/** A time of the filter (`2026-11-20T18:00:00Z`, `2026-11-20`, `now-2h`) in milliseconds; NaN when it is none. */
export function timeOf(text: string, now: number): number {
  const relative = /^now(?:([+-])(\d+)([smhdw]))?$/.exec(text.trim())
  if (!relative) return Date.parse(text)
  const [, sign, amount, unit] = relative
  const seconds: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }
  return now + (sign === '-' ? -1 : 1) * Number(amount ?? 0) * (seconds[unit ?? 's'] ?? 1) * 1000
}

function span(filter: Filter, now: number, place: 'now' | 'next' | 'last'): [number, number] {
  if (hasOwnTimes(filter)) {
    const at = (filter.at ?? []).map((text) => timeOf(text, now))
    const from = [...(filter.from ?? []).map((text) => timeOf(text, now)), ...at]
    const until = [...(filter.to ?? []).map((text) => timeOf(text, now)), ...at]
    return [from.length > 0 ? Math.min(...from) : -Infinity, until.length > 0 ? Math.max(...until) : Infinity]
  }
  if (place === 'now') return [-Infinity, Infinity]
  return place === 'next' ? [-Infinity, now + AHEAD] : [now - BACK, Infinity]
}

function within(filter: Filter, from: number, until: number): Filter {
  return { ...filter, from: [instant(from)], to: [instant(until)] }
}

function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
