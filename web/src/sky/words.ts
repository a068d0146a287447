/** What the map says about an activity. */
import type { Activity } from '@/api/types'
import { claim } from '@/live/place'
import { mapWords } from '@/messages/sky'
import { formatUtc } from '@/ui/format'

/** Telescope and target: “JWST · M 31”. */
export const nameOf = (activity: Activity): string =>
  `${activity.facility_name} · ${activity.target_name ?? mapWords.noTarget}`

/** Published or known times: “from 2026-11-21 03:14 UTC”; empty when there are none. */
export function timesOf({ t_min: start, t_max: end }: Activity): string {
  if (start == null) return ''
  return end == null ? mapWords.from(formatUtc(start)) : mapWords.until(formatUtc(start), formatUtc(end))
}

/** One sentence for a screen reader. */
export const spoken = (activity: Activity, isLate: boolean): string =>
  [nameOf(activity), claim(activity), isLate ? mapWords.late : ''].filter(Boolean).join(', ')
