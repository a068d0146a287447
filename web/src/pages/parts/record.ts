/** What a facility has on record: counted by the server, or here from the activities it gives. */
import type { Activity } from '@/api/types'
import { startOf } from '@/live/place'

/** A name with how often it occurs and the exposure time stated for it. */
export interface Share {
  name: string | null
  activities: number
  /** Seconds; null where none is stated. */
  exposure_s: number | null
}

/** Science done in a span of time, as far as sources have told. */
export interface FacilityRecord {
  since: string
  until: string
  performed: number
  /** Of those, how many state an exposure time. */
  with_exposure: number
  /** Sum of the exposure times stated, seconds; null where none is. */
  exposure_s: number | null
  /** Known from plans alone, their time over or running. */
  planned_only: number
  instruments: Share[]
  targets: Share[]
  /** Every UTC day of the span, oldest first. */
  days: { date: string; activities: number; exposure_s: number | null }[]
}

const DAY = 86_400_000
const MOST_INSTRUMENTS = 20
const MOST_TARGETS = 10

/** The record of a list of activities between two times (milliseconds). Exposure times are only those stated. */
export function recordOf(activities: readonly Activity[], since: number, until: number): FacilityRecord {
  const science = activities.filter((one) => {
    const start = startOf(one)
    return start !== null && start >= since && start < until && (one.intent ?? 'science') === 'science'
  })
  const done = science.filter(({ status }) => status === 'performed')
  const stated = done.filter(({ t_exptime: time }) => typeof time === 'number')
  return {
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
    performed: done.length,
    with_exposure: stated.length,
    exposure_s: exposure(done),
    planned_only: science.filter(({ status, basis }) => basis === 'scheduled' && (status === 'elapsed' || status === 'in_progress')).length,
    instruments: shares(done, ({ instrument_name: name }) => name ?? null, foldedName)
      .sort((a, b) => (b.exposure_s ?? -1) - (a.exposure_s ?? -1) || b.activities - a.activities)
      .slice(0, MOST_INSTRUMENTS),
    targets: shares(done.filter(({ target_name: name }) => name), ({ target_name: name }) => name ?? null, foldedName)
      .sort((a, b) => b.activities - a.activities || (a.name ?? '').localeCompare(b.name ?? ''))
      .slice(0, MOST_TARGETS),
    days: daysOf(done, since, until),
  }
}

/** The part of each share in the whole, 0 to 1: by exposure time where any is stated, else by number. */
export function parts(shares: readonly Share[]): { share: Share; part: number; byExposure: boolean }[] {
  const byExposure = shares.some(({ exposure_s: time }) => (time ?? 0) > 0)
  const weight = (share: Share) => (byExposure ? (share.exposure_s ?? 0) : share.activities)
  const whole = shares.reduce((sum, share) => sum + weight(share), 0)
  return shares.map((share) => ({ share, part: whole > 0 ? weight(share) / whole : 0, byExposure }))
}

function shares(activities: readonly Activity[], nameOf: (one: Activity) => string | null, fold: (name: string) => string): Share[] {
  const groups = new Map<string, { name: string | null; held: Activity[] }>()
  for (const one of activities) {
    const name = nameOf(one)
    const key = name === null ? '' : fold(name)
    const group = groups.get(key)
    if (group) group.held.push(one)
    else groups.set(key, { name, held: [one] })
  }
  return [...groups.values()].map(({ name, held }) => ({ name, activities: held.length, exposure_s: exposure(held) }))
}

function exposure(activities: readonly Activity[]): number | null {
  const times = activities.map(({ t_exptime: time }) => time).filter((time): time is number => typeof time === 'number')
  return times.length > 0 ? times.reduce((sum, time) => sum + time, 0) : null
}

function daysOf(done: readonly Activity[], since: number, until: number): FacilityRecord['days'] {
  const byDay = new Map<string, Activity[]>()
  for (let day = Math.floor(since / DAY) * DAY; day < until; day += DAY) byDay.set(dateOf(day), [])
  for (const one of done) byDay.get(one.t_min?.slice(0, 10) ?? '')?.push(one)
  return [...byDay].map(([date, held]) => ({ date, activities: held.length, exposure_s: exposure(held) }))
}

function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

/** Names that differ only in case, blanks and dashes are one. */
export function foldedName(name: string): string {
  return name.normalize('NFKD').toLowerCase().replace(/[\s_-]+/g, '')
}
