/** What is on record of a target's name. */
import type { Activity } from '@/api/types'
import { separation } from '@/sky/geometry'

/** What is on record of a name. */
export interface Held {
  /** Activities. */
  count: number
  /** Where it is, ICRS degrees, with a circle around it; null when it was observed at several positions or none is known. */
  position: { ra: number; dec: number; pos: string } | null
}

/** Pointings at one target lie closer together than this, degrees. */
const CLOSE = 0.1

/** Sums up the answer about a target. */
export function heldOf(target: { by_status: Record<string, number>; items: Pick<Activity, 's_ra' | 's_dec'>[] }): Held {
  const count = Object.values(target.by_status).reduce((sum, one) => sum + one, 0)
  const pointings = target.items.flatMap(({ s_ra: ra, s_dec: dec }) =>
    typeof ra === 'number' && typeof dec === 'number' ? [{ ra, dec }] : [],
  )
  const first = pointings[0]
  const together = first && pointings.every((one) => separation([first.ra, first.dec], [one.ra, one.dec]) < CLOSE)
  if (!together) return { count, position: null }
  return { count, position: { ...first, pos: `CIRCLE ${short(first.ra)} ${short(first.dec)} ${String(CLOSE)}` } }
}

function short(degrees: number): string {
  return String(Math.round(degrees * 1e5) / 1e5)
}
