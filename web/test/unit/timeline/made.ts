/** Activities, sources and lanes made for tests. Times are minutes from the epoch of the tests. */
import type { Activity, Site, Source } from '@/api/types'
import { barsOf, type Bar } from '@/timeline/bars'

/** Noon of a fixed day, the now of the tests. */
export const NOON = Date.parse('2026-11-21T12:00:00Z')
export const MINUTE = 60_000

/** A timestamp so many minutes after noon. */
export const minutes = (after: number): string => new Date(NOON + after * MINUTE).toISOString()

/** An activity with an hour around noon; whatever is not given is unknown. */
export function made(given: Partial<Activity> = {}): Activity {
  return {
    id: 'one', seq: 1, source: 'jwst', obs_id: 'one', attempt: 1, revision: 1, status: 'scheduled', basis: 'scheduled',
    demo: false, first_seen: minutes(-600), last_changed: minutes(-600), obs_collection: 'JWST', role: 'prime',
    facility_name: 'JWST', telescopes: [], site: null, instrument_name: null, instruments: [], band: [], keywords: [],
    links: [], truncated: [], target_name: null, t_min: minutes(-30), t_max: minutes(30), t_max_kind: 'planned',
    ...given,
  } as Activity
}

/** A source that answered a minute ago. */
export function source(given: Partial<Source> = {}): Source {
  return {
    name: 'jwst', title: 'James Webb Space Telescope', home: '', facilities: ['JWST'], health: 'good', every_s: 60, failures: 0,
    last_success: minutes(-1), notes: [], horizon: null, rows_read: 0, unreadable_rows: 0, credit: '', policy: '',
    ...given,
  } as Source
}

/** A site on the equator. */
export function site(given: Partial<Site> = {}): Site {
  return { key: 'paranal', name: 'Paranal Observatory', latitude_deg: 0, longitude_deg: 0, telescopes: [], ...given } as Site
}

/** Bars of activities as they stand at noon. */
export const bars = (...activities: Activity[]): Bar[] => barsOf(activities, [source()], NOON)

/** Plans of a minute each, one every `step` minutes from noon on. */
export const plans = (count: number, step: number, length = 1): Activity[] =>
  Array.from({ length: count }, (_, index) =>
    made({ id: `plan ${index}`, t_min: minutes(index * step), t_max: minutes(index * step + length) }),
  )
