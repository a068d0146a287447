/** Rise, set, twilight and which night it is at a site. Times are milliseconds UTC since 1970. */
import { sunAltitude } from './astronomy'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const SAMPLE = 10 * MINUTE

/** Altitude of a centre when its upper limb touches the horizon, degrees: 34′ of refraction, 16′ of radius. */
export const LIMB = -0.833
const CIVIL = -6
const NAUTICAL = -12
export const ASTRONOMICAL = -18

/** How dark it is, by the altitude of the Sun's centre. */
export type Darkness = 'day' | 'civil' | 'nautical' | 'astronomical' | 'night'

/** The state the Sun makes at an altitude in degrees. */
export function darkness(sun: number): Darkness {
  if (sun >= LIMB) return 'day'
  if (sun >= CIVIL) return 'civil'
  if (sun >= NAUTICAL) return 'nautical'
  return sun >= ASTRONOMICAL ? 'astronomical' : 'night'
}

/** A time at which an altitude passes a limit. */
export interface Crossing {
  at: number
  rising: boolean
}

/** When a curve of altitudes passes `limit` between two times, to the second; what lasts less than ten minutes may be missed. */
export function crossings(curve: (ms: number) => number, limit: number, from: number, to: number): Crossing[] {
  const found: Crossing[] = []
  const isUp = (ms: number) => curve(ms) >= limit
  let was = isUp(from)
  for (let start = from; start < to; start += SAMPLE) {
    const end = Math.min(start + SAMPLE, to)
    const is = isUp(end)
    if (is !== was) found.push({ at: bisect(start, end, (ms) => isUp(ms) === is), rising: is })
    was = is
  }
  return found
}

function bisect(before: number, after: number, holds: (ms: number) => boolean): number {
  let [low, high] = [before, after]
  while (high - low > 1000) {
    const middle = (low + high) / 2
    if (holds(middle)) high = middle
    else low = middle
  }
  return high
}

/** When the Sun's centre passes a limit. */
const sunCrossings = (latitude: number, longitude: number, limit: number, from: number, to: number): Crossing[] =>
  crossings((ms) => sunAltitude(latitude, longitude, ms), limit, from, to)

/** A night, or where the Sun does not set or does not rise the 24 hours around midnight. */
export interface Night {
  /** From noon to noon where the Sun is due south or north, about. */
  from: number
  to: number
  /** When the Sun's upper limb sets and rises; null where it does not. */
  sunset: number | null
  sunrise: number | null
  /** When the Sun's centre passes −18°; null where it does not. */
  dusk: number | null
  dawn: number | null
}

/** The night a site has now, or by day the coming one: the day that ends with the next solar noon, or the one after. */
export function nightAt(latitude: number, longitude: number, ms: number): Night {
  const noon = 12 * HOUR - (longitude / 15) * HOUR
  let from = Math.floor((ms - noon) / (24 * HOUR)) * 24 * HOUR + noon
  const morning = from + 12 * HOUR
  // By day before noon, the night to speak of is the coming one.
  if (ms > morning && sunAltitude(latitude, longitude, ms) >= LIMB) from += 24 * HOUR
  const to = from + 24 * HOUR
  const of = (limit: number, rising: boolean) =>
    sunCrossings(latitude, longitude, limit, from, to).find((one) => one.rising === rising)?.at ?? null
  return {
    from,
    to,
    sunset: of(LIMB, false),
    sunrise: of(LIMB, true),
    dusk: of(ASTRONOMICAL, false),
    dawn: of(ASTRONOMICAL, true),
  }
}
