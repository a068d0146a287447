/** Sentences about one activity: never more certain than its source. */
import type { Activity } from '@/api/types'
import { card, timing } from '@/messages/activity'
import { formatRelative } from '@/ui/format'
import { endOf, startOf } from './place'

/** Instrument and mode, without saying the instrument twice. */
export function instrumentInWords({ instrument_name: name, instrument_mode: mode }: Activity): string {
  if (name && mode?.toLowerCase().startsWith(name.toLowerCase())) return mode
  return [name, mode].filter(Boolean).join(' ') || card.noInstrument
}

/** When it was, is or will be, in words, seen from `now` (milliseconds). */
export function timingInWords(activity: Activity, now: number): string {
  const start = startOf(activity)
  const end = endOf(activity)
  const relative = (at: number) => formatRelative(at, now)
  switch (activity.status) {
    case 'in_progress': {
      const parts = [start === null ? '' : sinceInWords(start, now)]
      if (end !== null) parts.push(end > now ? timing.plannedEndIn(relative(end)) : timing.plannedEndPassed)
      return parts.filter(Boolean).join(' · ')
    }
    case 'scheduled':
    case 'planned':
      if (start === null) return timing.noTime
      return start > now ? timing.starts(relative(start)) : timing.notHeard
    case 'elapsed':
      return end === null ? timing.endUnknown : timing.outcomeUnknown(relative(end))
    case 'aborted':
      return end === null ? timing.endUnknown : timing.aborted(relative(end))
    case 'withdrawn':
      return timing.withdrawn
    default:
      return endInWords(activity, end, relative)
  }
}

/** “Last known: MUSE, ended 9 min ago”: what is said first of what only an archive tells. */
export function lastKnownInWords(activity: Activity, now: number): string {
  const what = activity.instrument_name ?? activity.facility_name
  return timing.lastKnown(`${what}, ${timingInWords(activity, now)}`)
}

function endInWords(activity: Activity, end: number | null, relative: (at: number) => string): string {
  if (end === null) return timing.endUnknown
  return activity.t_max_kind === 'lower_bound' ? timing.lastExposure(relative(end)) : timing.ended(relative(end))
}

/** “since 5 min” of what runs; a start that the clock has not reached is told as one. */
function sinceInWords(start: number, now: number): string {
  const words = formatRelative(start, now)
  if (words.endsWith(' ago')) return timing.since(words.replace(/ ago$/, ''))
  return start > now ? timing.starts(words) : timing.began(words)
}
