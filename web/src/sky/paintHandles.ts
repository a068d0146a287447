/** Paints what can be taken hold of: the middle and the edge of a circle, the corners of a polygon. */
import { toGeoJson } from './geojson'
import type { Region } from './geometry'
import type { Palette } from './palette'
import { destination } from './sphere'
import type { Position } from './sphere'
import type { Chart } from './view'

/** What is taken hold of. */
export type Handle = { part: 'inside' } | { part: 'edge' } | { part: 'corner'; index: number }

/** Where the handle of a circle's edge is drawn; the edge can be taken anywhere. */
const edgeHandle = (ra: number, dec: number, radius: number): Position => destination([ra, dec], 270, radius)

/** Paints handles over the region itself. */
export function paintHandles(context: CanvasRenderingContext2D, chart: Chart, palette: Palette, region: Region, held: Handle | null): void {
  context.strokeStyle = palette.region
  context.lineWidth = 2
  context.setLineDash([])
  if (region.kind === 'circle') {
    const middle = chart.project([region.ra, region.dec])
    if (middle) paintCross(context, middle)
    const edge = region.radius > 0 && region.radius < 180 ? chart.project(edgeHandle(region.ra, region.dec, region.radius)) : null
    if (edge) paintKnob(context, edge, palette, held?.part === 'edge')
  } else if (region.kind === 'polygon') {
    if (region.vertices.length === 2) paintLine(context, chart, region.vertices)
    region.vertices.forEach((vertex, index) => {
      const point = chart.project(vertex)
      if (point) paintKnob(context, point, palette, held?.part === 'corner' && held.index === index)
    })
  }
}

function paintLine(context: CanvasRenderingContext2D, chart: Chart, [from, to]: readonly Position[]): void {
  if (!from || !to) return
  context.beginPath()
  chart.path(context)({ type: 'LineString', coordinates: [[...from], [...to]] })
  context.stroke()
}

function paintCross(context: CanvasRenderingContext2D, [x, y]: Position): void {
  context.beginPath()
  context.moveTo(x - 6, y)
  context.lineTo(x + 6, y)
  context.moveTo(x, y - 6)
  context.lineTo(x, y + 6)
  context.stroke()
}

function paintKnob(context: CanvasRenderingContext2D, [x, y]: Position, palette: Palette, isHeld: boolean): void {
  context.beginPath()
  context.arc(x, y, isHeld ? 8 : 6, 0, 2 * Math.PI)
  context.fillStyle = isHeld ? palette.region : palette.sky
  context.fill()
  context.stroke()
}

/** Whether a region can be laid on the map as an area yet. */
export const isDrawable = (region: Region): boolean =>
  !(region.kind === 'polygon' && region.vertices.length < 3) && toGeoJson(region).type !== 'Point'
