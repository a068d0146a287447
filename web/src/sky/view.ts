/** What part of the sky the map shows and how it is laid flat; east is left. */
import { geoStereographic } from 'd3-geo'
import type { GeoPermissibleObjects, GeoProjection } from 'd3-geo'
import { geoAitoff, geoMollweide } from 'd3-geo-projection'
import { draw } from './draw'
import { fromIcrs, rotationTo, toIcrs } from './rotation'
import type { Frame } from './rotation'
import { angle, signed, towards, turned } from './sphere'
import type { Position } from './sphere'

/** How the whole sky is laid flat. */
export type AllSky = 'mollweide' | 'aitoff'

/** What the map shows. */
export interface View {
  allSky: AllSky
  frame: Frame
  /** The middle of the map in the frame's own coordinates, degrees; all-sky maps keep their equator level. */
  centre: Position
  /** Degrees of sky across the width of the map when zoomed (stereographic); null is the whole sky. */
  field: number | null
}

/** Pixels. */
export interface Size {
  width: number
  height: number
}

/** A view on a map of some size. Positions are ICRS degrees, points are pixels from the upper left. */
export interface Chart {
  view: View
  size: Size
  /** Pixels of a degree in the middle. */
  scale: number
  project(at: Position): Position | null
  invert(point: Position): Position | null
  path(context: CanvasRenderingContext2D): (shape: GeoPermissibleObjects) => void
  /** Degrees from the middle of the map to its farthest corner. */
  reach: number
  /** The middle of the map. */
  centre: Position
}

/** The widest and the narrowest field of the zoomed map, degrees. */
const WIDEST = 150
const NARROWEST = 0.25
/** Pixels left free around the whole sky. */
const MARGIN = 10

export const WHOLE_SKY: View = { allSky: 'mollweide', frame: 'icrs', centre: [0, 0], field: null }

/** Lays a view flat. */
export function chartOf(view: View, size: Size): Chart {
  const { projection, scale, reach } = view.field === null ? wholeSky(view, size) : zoomed(view.field, size)
  projection.rotate(rotationTo(view.frame, view.centre)).reflectX(true)
  const centre = toIcrs(view.frame, view.centre)
  const middle = towards(centre)
  const project = (at: Position): Position | null => {
    // Beyond the clipped part the formula still gives points, from the far side of the sky.
    if (view.field !== null && angle(middle, towards(at)) > reach + 15) return null
    const point = projection([at[0], at[1]])
    return point && Number.isFinite(point[0]) && Number.isFinite(point[1]) ? point : null
  }
  const invert = (point: Position): Position | null => {
    const at = projection.invert?.([point[0], point[1]])
    if (!at || !Number.isFinite(at[0]) || !Number.isFinite(at[1])) return null
    // Outside the outline of the whole sky the inverse names some other place.
    const back = projection(at)
    const isTrue = back && Math.hypot(back[0] - point[0], back[1] - point[1]) < 1
    return isTrue ? [turned(at[0]), at[1]] : null
  }
  const path = (context: CanvasRenderingContext2D) => (shape: GeoPermissibleObjects) => {
    draw(context, projection, shape)
  }
  return { view, size, scale, reach, centre, project, invert, path }
}

interface Laid {
  projection: GeoProjection
  scale: number
  reach: number
}

function wholeSky(view: View, size: Size): Laid {
  const isMollweide = view.allSky === 'mollweide'
  const projection = isMollweide ? geoMollweide() : geoAitoff()
  const across = isMollweide ? 4 * Math.SQRT2 : 2 * Math.PI
  const radius = Math.max(1, Math.min((size.width - 2 * MARGIN) / across, ((size.height - 2 * MARGIN) / across) * 2))
  projection.scale(radius).translate([size.width / 2, size.height / 2]).precision(0.4)
  // Pixels a degree along the equator in the middle.
  const scale = (radius * Math.PI) / 180 / (isMollweide ? Math.PI / (2 * Math.SQRT2) : 1)
  return { projection, scale, reach: 180 }
}

function zoomed(field: number, size: Size): Laid {
  const radius = size.width / 2 / Math.tan((field * Math.PI) / 720)
  const corner = Math.hypot(size.width, size.height) / 2
  const reach = ((2 * Math.atan(corner / radius)) / Math.PI) * 180
  const projection = geoStereographic()
    .scale(radius)
    .translate([size.width / 2, size.height / 2])
    .clipAngle(Math.min(170, reach + 2))
    .clipExtent([
      [-40, -40],
      [size.width + 40, size.height + 40],
    ])
    .precision(0.4)
  return { projection, scale: (radius * Math.PI) / 360, reach }
}

/** The view after zooming in (`factor` > 1) or out, the sky under `point` staying there. */
export function zoomAround(chart: Chart, point: Position, factor: number): View {
  const { view } = chart
  const under = chart.invert(point)
  if (view.field === null) {
    if (factor <= 1 || !under) return view
    const field = Math.min(WIDEST, WIDEST / Math.max(1, factor / 1.5))
    return keeping({ ...view, field, centre: fromIcrs(view.frame, under) }, chart.size, under, point)
  }
  const field = Math.max(NARROWEST, view.field / factor)
  if (field > WIDEST) return { ...view, field: null, centre: [view.centre[0], 0] }
  return under ? keeping({ ...view, field }, chart.size, under, point) : { ...view, field }
}

/** The view in which a point of the sky is at a point of the map. */
function keeping(view: View, size: Size, at: Position, point: Position): View {
  const [longitude, latitude] = fromIcrs(view.frame, at)
  let moved = view
  for (let round = 0; round < 4; round += 1) {
    const there = chartOf(moved, size).invert(point)
    if (!there) break
    const [x, y] = fromIcrs(view.frame, there)
    moved = { ...moved, centre: centred(moved.centre[0] + signed(longitude - x), moved.centre[1] + latitude - y) }
  }
  return moved
}

/** The view after the sky has been dragged from a point of the map to another. */
export function dragged(chart: Chart, from: Position, to: Position): View {
  const { view, size } = chart
  if (view.field === null) {
    const moved = (to[0] - from[0]) / chart.scale
    return { ...view, centre: [turned(view.centre[0] + moved), 0] }
  }
  const under = chart.invert(from)
  return under ? keeping(view, size, under, to) : view
}

/** The view moved by shares of its width and height; positive is to the right and up. */
export function shifted(chart: Chart, right: number, up: number): View {
  const { width, height } = chart.size
  const middle: Position = [width / 2, height / 2]
  return dragged(chart, middle, [middle[0] - right * width, middle[1] + up * height])
}

/** The view with an ICRS position in the middle; the whole sky is only turned. */
export function centredOn(view: View, at: Position): View {
  const [longitude, latitude] = fromIcrs(view.frame, at)
  return { ...view, centre: view.field === null ? [longitude, 0] : centred(longitude, latitude) }
}

/** The same part of the sky along the axes of another frame. */
export function inFrame(view: View, frame: Frame): View {
  if (frame === view.frame) return view
  if (view.field === null) return { ...view, frame, centre: [0, 0] }
  return { ...view, frame, centre: fromIcrs(frame, toIcrs(view.frame, view.centre)) }
}

const centred = (longitude: number, latitude: number): Position => [
  turned(longitude),
  Math.max(-90, Math.min(90, latitude)),
]
