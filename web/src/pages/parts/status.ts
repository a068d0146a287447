/** What may be said of what a facility does, and how it is known. */
import type { Activity, Facility, Source } from '@/api/types'
import { endOf, isLate, startOf } from '@/live/place'
import { lastKnownInWords, timingInWords } from '@/live/saying'
import { timing } from '@/messages/activity'
import { status as words, statuses } from '@/messages/places'
import { formatRelative } from '@/ui/format'

/** The words of the status line, from the surest to none. */
export type StatusKind = 'reported' | 'plan' | 'between' | 'noPlan' | 'notPointing' | 'last' | 'stale' | 'unknown'

/** A facility as the API tells of it, with what it does in the shape of activities. */
export type PresentFacility = Pick<Facility, 'name' | 'sources'> & {
  now?: unknown
  next?: unknown
}

/** What it does now, in words. */
export interface Status {
  kind: StatusKind
  title: string
  /** The sentence after it: since when, until when, what comes. */
  detail: string
  /** Who told it, and how long ago. */
  known: string | null
  /** The activity the words are about. */
  activity: Activity | null
  late: boolean
}

/** What `now` of a facility holds. */
export interface Present {
  running: Activity[]
  last: Activity | null
  next: Activity | null
  /** When its sources last answered, milliseconds. */
  heard: number | null
}

/** An archive that has shown nothing for longer than this says nothing about today, milliseconds. */
const RECENT = 36 * 3_600_000

/** The present of a facility, in the shapes of activities; primes first among what runs. */
export function presentOf(facility: PresentFacility): Present {
  const now = facility.now as { in_progress?: Activity[]; last?: Activity | null; as_of?: string | null } | null | undefined
  const running = [...(now?.in_progress ?? [])].sort((a, b) => rank(a) - rank(b))
  const heard = Date.parse(now?.as_of ?? '')
  return {
    running,
    last: now?.last ?? null,
    next: (facility.next as Activity | null | undefined) ?? null,
    heard: Number.isNaN(heard) ? null : heard,
  }
}

/** The status line. Nothing in it is surer than its source: an archive is never “observing”. */
export function statusOf(facility: PresentFacility, sources: readonly Source[], now: number): Status {
  const present = presentOf(facility)
  const own = sources.filter(({ name }) => facility.sources.includes(name))
  const kind = kindOf(present, own, facility.sources.length > 0, now)
  const activity = kind === 'plan' || kind === 'reported' ? (present.running[0] ?? null) : present.last
  return {
    kind,
    title: kind === 'last' && present.last ? timing.lastKnown(whatInWords(present.last)) : statuses[kind],
    detail: detailOf(kind, present, own, now, facility.sources.length > 0),
    known: knownFrom(own, present.heard, now),
    activity,
    late: own.some((source) => isLate({ source: source.name }, sources)),
  }
}

/** “MIRI on NGC 5194”, as far as both are given. */
export function whatInWords({ instrument_name: instrument, target_name: target }: Activity): string {
  if (!instrument && !target) return words.noTarget
  if (!target) return `${instrument}, ${words.noTarget}`
  return instrument ? `${instrument} on ${target}` : target
}

function kindOf({ running, last, next }: Present, own: readonly Source[], told: boolean, now: number): StatusKind {
  if (running.some(({ basis }) => basis !== 'scheduled')) return 'reported'
  if (running.length > 0) return 'plan'
  if (!told && last === null && next === null) return 'unknown'
  if (own.some(({ notes }) => notes.some((note) => /^not pointing/i.test(note)))) return 'notPointing'
  const horizon = horizonOf(own)
  if (next !== null && horizon !== null && horizon > now) return 'between'
  if (horizon !== null) return 'noPlan'
  if (last === null) return 'unknown'
  const end = endOf(last) ?? startOf(last)
  return end !== null && now - end < RECENT ? 'last' : 'stale'
}

/** How far ahead the plans reach, milliseconds; null where no source publishes one. */
export function horizonOf(own: readonly Source[]): number | null {
  const times = own.map(({ horizon }) => Date.parse(horizon ?? '')).filter((time) => !Number.isNaN(time))
  return times.length > 0 ? Math.max(...times) : null
}

function detailOf(kind: StatusKind, present: Present, own: readonly Source[], now: number, told: boolean): string {
  const [first, ...rest] = present.running
  const { last, next } = present
  switch (kind) {
    case 'reported':
    case 'plan':
      if (!first) return ''
      return sentence([whatInWords(first), timingInWords(first, now), rest.length > 0 ? words.parallels(rest.length) : ''])
    case 'between':
      return sentence([last ? ended(last, now) : '', next ? planned(next, now) : ''])
    case 'noPlan': {
      const horizon = horizonOf(own)
      if (next) return planned(next, now)
      return horizon !== null && horizon <= now ? words.planUntil(formatRelative(horizon, now)) : words.nothingNext
    }
    case 'notPointing':
      return next ? planned(next, now) : own.flatMap(({ notes }) => notes).join('; ')
    case 'last':
      return last ? timingInWords(last, now) : ''
    case 'stale':
      return last ? lastKnownInWords(last, now) : ''
    case 'unknown':
      return told ? words.neverHeard : words.noSource
  }
}

function ended(last: Activity, now: number): string {
  const end = endOf(last)
  if (end === null) return ''
  // By plan alone nobody knows that it ended, nor that it began.
  return (last.status === 'elapsed' ? words.lastPlannedEnd : words.lastEnded)(formatRelative(end, now))
}

function planned(next: Activity, now: number): string {
  const start = startOf(next)
  return words.next(next.target_name ?? words.noTarget, start === null ? '' : formatRelative(start, now))
}

function knownFrom(own: readonly Source[], heard: number | null, now: number): string | null {
  if (own.length === 0) return null
  const titles = own.map(({ title, health }) => (health === 'late' || health === 'failing' ? `${title}, ${words.late}` : title))
  const from = words.knownFrom(titles.join(' and '))
  return heard === null ? from : `${from}, ${words.heard(formatRelative(heard, now))}`
}

function sentence(parts: string[]): string {
  return parts.filter(Boolean).join(' · ')
}

function rank({ basis, role }: Activity): number {
  return (basis === 'scheduled' ? 2 : 0) + (role === 'prime' ? 0 : 1)
}
