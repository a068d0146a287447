/** A calendar file (RFC 5545) of one activity, made in the browser. */
import type { Activity } from '@/api/types'
import { claim } from './place'

/** Octets of a line before it is folded. */
const LINE = 75

/** The file's text; null for what has no start. An end nobody published is left out, as the standard allows. */
export function calendarOf(activity: Activity, address: string, now: number): string | null {
  if (!activity.t_min) return null
  const what = [activity.facility_name, activity.target_name ?? activity.instrument_name].filter(Boolean).join(': ')
  const position = activity.s_ra == null || activity.s_dec == null ? '' : `ICRS ${activity.s_ra} ${activity.s_dec}`
  const told = [`${claim(activity)}.`, activity.proposal_title, activity.proposal_pi && `PI ${activity.proposal_pi}`, position, address]
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Starboard//Live board//EN',
    'BEGIN:VEVENT',
    `UID:${activity.id}@starboard`,
    `DTSTAMP:${instant(new Date(now).toISOString())}`,
    `SEQUENCE:${activity.revision}`,
    `DTSTART:${instant(activity.t_min)}`,
    ...(activity.t_max ? [`DTEND:${instant(activity.t_max)}`] : []),
    `SUMMARY:${escape(`${what} (${claim(activity)})`)}`,
    `DESCRIPTION:${escape(told.filter(Boolean).join('\n'))}`,
    `URL:${address}`,
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
    'END:VCALENDAR',
  ]
  return `${lines.map(fold).join('\r\n')}\r\n`
}

function instant(time: string): string {
  return `${new Date(time).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
}

function escape(text: string): string {
  return text.replace(/[\\;,]/g, (sign) => `\\${sign}`).replace(/\r?\n/g, '\\n')
}

/** Folds a line between characters, so that no line is longer than the standard allows. */
function fold(line: string): string {
  const size = (text: string) => new TextEncoder().encode(text).length
  const parts: string[] = []
  let part = ''
  for (const character of line) {
    if (size(part + character) > LINE - (parts.length > 0 ? 1 : 0)) {
      parts.push(part)
      part = ''
    }
    part += character
  }
  return [...parts, part].join('\r\n ')
}
