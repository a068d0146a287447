/** What a preview found, in words that claim no more than was counted. */
import { formatUtc } from '@/ui/format'
import { previewWords } from '@/messages/subscriptions'
import type { Preview } from '@/api/types'

const hour = 3600_000
const day = 24 * hour

/** The sentences of a preview. */
export interface PreviewText {
  /** What was counted: «Would have matched 14 activities in the last 30 days, about 3 a week; busiest day 4». */
  count: string
  /** What keeps the count from being the whole truth; null when nothing does. */
  caveat: string | null
}

/** A preview in words; `now` is the server's time in milliseconds. */
export function previewInWords(preview: Preview, now: number): PreviewText {
  const since = Date.parse(preview.since)
  const age = Math.max(0, now - since)
  const span = spanInWords(age)
  const counted = preview.partial ? previewWords.least(preview.count, span) : previewWords.count(preview.count, span)
  // From less than a day nobody can say how often something happens.
  const young = age < day
  const often = preview.count > 0 && !young ? rateInWords(preview.mails_per_day) : null
  const busiest = Math.max(0, ...preview.per_day.map((one) => one.count))
  const peak = preview.per_day.length > 1 && busiest > 1 ? previewWords.busiest(busiest) : null
  const sentence = [[counted, often].filter(isText).join(', '), peak].filter(isText).join('; ')
  return { count: `${sentence}.`, caveat: caveat(preview, young) }
}

function caveat(preview: Preview, young: boolean): string | null {
  if (preview.partial) return previewWords.partial(formatUtc(preview.since))
  return young ? previewWords.young(formatUtc(preview.since)) : null
}

/** How long, in the largest unit that says something; milliseconds. */
export function spanInWords(age: number): string {
  if (age >= 2 * day) return previewWords.lastDays(Math.round(age / day))
  if (age >= 2 * hour) return previewWords.lastHours(Math.round(age / hour))
  return previewWords.lastMinutes(Math.max(1, Math.round(age / 60_000)))
}

/** How often, from a number a day. */
export function rateInWords(perDay: number): string {
  if (perDay >= 1.5) return previewWords.perDay(Math.round(perDay))
  if (perDay * 7 >= 0.75) return previewWords.perWeek(Math.round(perDay * 7))
  return previewWords.perMonth(Math.max(1, Math.round(perDay * 30)))
}

function isText(part: string | null): part is string {
  return part !== null
}
