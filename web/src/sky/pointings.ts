/** Activities as the map shows them: a shape for what is claimed, a colour for the band, a place in pixels. */
import type { Activity, Source } from '@/api/types'
import { isLate } from '@/live/place'
import { markOf } from '@/ui/mark'
import type { Mark } from '@/ui/mark'
import { contains } from './geometry'
import { footprintOf } from './footprint'
import type { Footprint } from './footprint'
import { bandOf } from './palette'
import type { Band } from './palette'
import type { Position } from './sphere'
import type { Chart } from './view'

/** An activity with coordinates. */
export interface Pointing {
  activity: Activity
  footprint: Footprint
  mark: Mark
  band: Band
  /** Its source has gone silent. */
  isLate: boolean
}

/** A pointing on a chart. */
export interface Placed extends Pointing {
  x: number
  y: number
  /** Its footprint is large enough to be seen as itself. */
  isArea: boolean
}

/** What is below comes first. */
const ORDER: readonly Mark[] = ['dot', 'ring', 'half', 'filled']
/** Footprints across fewer pixels are drawn as dots. */
const SMALLEST_AREA = 5

/** The activities that have a place, what is sure and now on top. */
export function pointingsOf(activities: readonly Activity[], sources: readonly Source[]): Pointing[] {
  const late = new Map<string, boolean>()
  const isSourceLate = (activity: Activity): boolean => {
    const before = late.get(activity.source)
    if (before !== undefined) return before
    const is = isLate(activity, sources)
    late.set(activity.source, is)
    return is
  }
  const found: Record<Mark, Pointing[]> = { dot: [], ring: [], half: [], filled: [] }
  for (const activity of activities) {
    const footprint = footprintOf(activity)
    if (!footprint) continue
    const mark = markOf(activity.basis, activity.status)
    found[mark].push({ activity, footprint, mark, band: bandOf(activity.band), isLate: isSourceLate(activity) })
  }
  return ORDER.flatMap((mark) => found[mark])
}

/** The pointings that are on the chart, at least in part. */
export function placed(pointings: readonly Pointing[], chart: Chart): Placed[] {
  const { width, height } = chart.size
  const found: Placed[] = []
  for (const pointing of pointings) {
    const { ra, dec, radius } = pointing.footprint.bounds
    const point = chart.project([ra, dec])
    if (!point) continue
    const [x, y] = point
    const reach = radius * chart.scale * 2 + 20
    const isAway = chart.view.field !== null && (x < -reach || y < -reach || x > width + reach || y > height + reach)
    if (!isAway) found.push({ ...pointing, x, y, isArea: 2 * radius * chart.scale >= SMALLEST_AREA })
  }
  return found
}

/** What is in progress, from the left of the chart to the right: the way the arrow keys go. */
export const stepsThrough = (shown: readonly Placed[]): Placed[] =>
  shown.filter(({ mark }) => mark === 'filled' || mark === 'half').sort((a, b) => a.x - b.x || a.y - b.y)

/**
 * The activity somebody points at: the nearest mark within `tolerance` pixels, what is now before what is not; else the
 * smallest footprint around the point.
 */
export function pick(shown: readonly Placed[], chart: Chart, point: Position, tolerance: number): Placed | null {
  let best: Placed | null = null
  let least = Infinity
  for (const one of shown) {
    const distance = Math.hypot(one.x - point[0], one.y - point[1])
    if (distance > tolerance + (isNow(one) ? 3 : 0)) continue
    const cost = distance - (isNow(one) ? 4 : 0)
    if (cost <= least) [best, least] = [one, cost]
  }
  return best ?? areaAt(shown, chart, point)
}

const isNow = ({ mark }: Pointing): boolean => mark === 'filled' || mark === 'half'

function areaAt(shown: readonly Placed[], chart: Chart, point: Position): Placed | null {
  const at = chart.invert(point)
  if (!at) return null
  const around = shown.filter((one) => one.isArea && contains(one.footprint.shape, at[0], at[1]))
  return around.reduce<Placed | null>(
    (best, one) => (best && best.footprint.bounds.radius <= one.footprint.bounds.radius ? best : one),
    null,
  )
}
