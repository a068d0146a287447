/** What of a region a point of the map takes hold of, and what comes of moving it. */
import { isInside, carried, withCornerAt } from './edit'
import type { Region } from './geometry'
import type { Handle } from './paintHandles'
import { separation } from './sphere'
import type { Position } from './sphere'
import type { Chart } from './view'

/** What is taken hold of at a point; `tolerance` in pixels. Corners come before edges, edges before the inside. */
export function handleAt(region: Region, chart: Chart, point: Position, tolerance: number): Handle | null {
  const at = chart.invert(point)
  if (!at) return null
  if (region.kind === 'polygon') {
    const near = region.vertices.map((vertex) => distance(chart.project(vertex), point))
    const index = near.indexOf(Math.min(...near))
    if ((near[index] ?? Infinity) <= tolerance) return { part: 'corner', index }
  }
  if (region.kind === 'circle') {
    const off = Math.abs(separation(at, [region.ra, region.dec]) - region.radius) * chart.scale
    const isMiddle = distance(chart.project([region.ra, region.dec]), point) <= Math.min(tolerance, 8)
    if (off <= tolerance && !isMiddle) return { part: 'edge' }
    if (isMiddle) return { part: 'inside' }
  }
  return isInside(region, at) ? { part: 'inside' } : null
}

const distance = (a: Position | null, b: Position): number => (a ? Math.hypot(a[0] - b[0], a[1] - b[1]) : Infinity)

/** The region after what is held has gone from one place to another. */
export function moved(region: Region, handle: Handle, from: Position, to: Position): Region {
  if (handle.part === 'corner' && region.kind === 'polygon') return withCornerAt(region, handle.index, to)
  if (handle.part === 'edge' && region.kind === 'circle') {
    return { ...region, radius: separation([region.ra, region.dec], to) }
  }
  return carried(region, from, to)
}
