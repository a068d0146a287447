/** What a shape of the timeline says when it is spoken or pointed at. */
import { claim } from '@/live/place'
import { timeline } from '@/messages/timeline'
import type { Bar } from './bars'
import { clockOf, dayOf, spanOf } from './format'
import type { Shape } from './layout'

/** The short name drawn on a bar. */
export function labelOf({ activity }: Bar): string {
  return activity.target_name ?? activity.instrument_name ?? ''
}

/** All that is known of a shape in one line: who, what, with what, how it is known, when. */
export function spoken(shape: Shape): string {
  if (shape.type === 'strip') return timeline.strip(shape.count, spanOf(shape.from, shape.to))
  const { activity, start, end, open, late, margin } = shape.bar
  const when = open && end <= start ? `from ${dayOf(start)} ${clockOf(start)} UTC` : spanOf(start, end)
  const parts = [
    activity.facility_name,
    activity.target_name ?? timeline.unknownTarget,
    activity.instrument_name ?? timeline.unknownInstrument,
    claim(activity),
    when,
  ]
  if (open) parts.push(timeline.openEnd)
  if (margin > 0) parts.push(timeline.uncertain(margin / 1000))
  if (late) parts.push(timeline.sourceLate)
  return parts.join(', ')
}
