/** The span of time looked at: bounds, moving, zooming. All times are milliseconds. */

export interface TimeWindow {
  from: number
  to: number
}

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** The window at first: six hours. */
export const FIRST_SPAN = 6 * HOUR
export const SHORTEST_SPAN = HOUR
export const LONGEST_SPAN = 14 * DAY
/** The spans that can be chosen by name. */
export const SPANS = [HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 3 * DAY, 7 * DAY, LONGEST_SPAN]
/** How far from now one can look: as long as events are kept, and as far again ahead. */
const REACH = 30 * DAY

/** The window of a span with the given moment in its middle. */
export function around(moment: number, span = FIRST_SPAN): TimeWindow {
  return { from: moment - span / 2, to: moment + span / 2 }
}

/** Moved by a part of its own span: 0.5 is half a window later. */
export function moved({ from, to }: TimeWindow, part: number, now: number): TimeWindow {
  const by = (to - from) * part
  return bounded({ from: from + by, to: to + by }, now)
}

/** Zoomed so that `anchor` stays where it is; a factor under 1 shows less time. */
export function zoomed({ from, to }: TimeWindow, factor: number, anchor: number, now: number): TimeWindow {
  const span = clamp((to - from) * factor, SHORTEST_SPAN, LONGEST_SPAN)
  const at = clamp((anchor - from) / (to - from), 0, 1)
  return bounded({ from: anchor - span * at, to: anchor + span * (1 - at) }, now)
}

/** The next longer (+1) or shorter (-1) of the spans that have a name. */
export function nextSpan(span: number, direction: 1 | -1): number {
  const found = direction > 0 ? SPANS.find((one) => one > span + 1) : SPANS.findLast((one) => one < span - 1)
  return found ?? (direction > 0 ? LONGEST_SPAN : SHORTEST_SPAN)
}

/** Within the reach around now and within the allowed spans; the span is kept where it can be. */
export function bounded({ from, to }: TimeWindow, now: number): TimeWindow {
  const span = clamp(to - from, SHORTEST_SPAN, LONGEST_SPAN)
  const middle = clamp((from + to) / 2, now - REACH, now + REACH)
  return { from: middle - span / 2, to: middle + span / 2 }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}
