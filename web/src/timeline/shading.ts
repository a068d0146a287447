/** Day and night above a site as two paths, so that a lane carries two elements and not two per night. */
import { darkness, type Darkness } from './night'
import { xOf, type Scale } from './layout'

/** The path data of one darkness, to be filled; one px high, to be stretched. */
export interface Shade {
  darkness: Darkness
  path: string
}

/** The shades of a window above a site whose Sun stands at `altitude` degrees at a time (ms). */
export function shadesOf(altitude: (time: number) => number, scale: Scale): Shade[] {
  const spans = darkness(altitude, scale.from, scale.to)
  return (['day', 'twilight', 'night'] as const).flatMap((kind) => {
    const path = spans
      .filter((span) => span.darkness === kind)
      .map(({ from, to }) => `M${round(xOf(from, scale))},0H${round(xOf(to, scale))}V1H${round(xOf(from, scale))}Z`)
      .join('')
    return path ? [{ darkness: kind, path }] : []
  })
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
