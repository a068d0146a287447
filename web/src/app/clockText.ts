import type { Preferences } from '@/ui/preferences'

/** What the clock of the header can show. */
export type ClockKind = Preferences['clock']

/** The kind that comes after in the round. */
export function nextClock(kind: ClockKind): ClockKind {
  return kind === 'utc' ? 'local' : kind === 'local' ? 'sidereal' : 'utc'
}

/** Hours, minutes and seconds of one of the three; `lst` is the sidereal time in hours. */
export function clockText(kind: ClockKind, ms: number, lst: number): string {
  if (kind === 'sidereal') return sexagesimal(Math.floor((((lst % 24) + 24) % 24) * 3600))
  const date = new Date(ms)
  if (kind === 'utc') return date.toISOString().slice(11, 19)
  return sexagesimal(date.getHours() * 3600 + date.getMinutes() * 60 + date.getSeconds())
}

function sexagesimal(seconds: number): string {
  const parts = [seconds / 3600, (seconds / 60) % 60, seconds % 60]
  return parts.map((part) => String(Math.floor(part)).padStart(2, '0')).join(':')
}
