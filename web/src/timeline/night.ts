/** Day and night above a site, as spans of time. */
import { ASTRONOMICAL, LIMB } from '@/sky/nights'

/** How dark it is: the Sun up, the Sun down, and fully dark (the Sun 18° below the horizon). */
export type Darkness = 'day' | 'twilight' | 'night'

/** A span (ms) of one darkness. */
export interface DarkSpan {
  darkness: Darkness
  from: number
  to: number
}

const FINEST = 60_000

/** The spans of a window by darkness, edges found to a minute. `altitude` is that of the Sun, degrees, at a time (ms). */
export function darkness(altitude: (time: number) => number, from: number, to: number): DarkSpan[] {
  const step = Math.max(10 * FINEST, (to - from) / 400)
  const spans: DarkSpan[] = []
  let current: DarkSpan = { darkness: darknessAt(altitude(from)), from, to: from }
  for (let time = from; time < to; time += step) {
    const next = Math.min(to, time + step)
    const there = darknessAt(altitude(next))
    if (there !== current.darkness) {
      const edge = edgeBetween(altitude, time, next, current.darkness)
      spans.push({ ...current, to: edge })
      current = { darkness: there, from: edge, to: edge }
    }
  }
  spans.push({ ...current, to })
  return spans
}

/** The darkness with the Sun's centre at an altitude, degrees. */
export function darknessAt(altitude: number): Darkness {
  if (altitude >= LIMB) return 'day'
  return altitude >= ASTRONOMICAL ? 'twilight' : 'night'
}

function edgeBetween(altitude: (time: number) => number, before: number, after: number, was: Darkness): number {
  let [low, high] = [before, after]
  while (high - low > FINEST) {
    const middle = (low + high) / 2
    if (darknessAt(altitude(middle)) === was) low = middle
    else high = middle
  }
  return (low + high) / 2
}
