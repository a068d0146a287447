/** Paints what changes: region, footprints, marks, names, and what is selected. */
import type { Mark } from '@/ui/mark'
import type { Region } from './geometry'
import { outlineOf, toGeoJson } from './geojson'
import { placeLabels } from './labels'
import { BANDS } from './palette'
import type { Palette } from './palette'
import type { Placed } from './pointings'
import { RADIUS } from './sprites'
import type { Sprites } from './sprites'
import type { Chart } from './view'

/** What lies over the sky. */
export interface Overlay {
  shown: readonly Placed[]
  region: Region | null
  selected: string | null
  /** What the pointer is on, or the arrow keys. */
  pointed: string | null
  /** Most names written. */
  mostNames: number
}

type Context = CanvasRenderingContext2D

const LABEL_SIZE = 12
/** Pixels within which equal marks are drawn once. */
const NEAR = 3
const MARKS: readonly Mark[] = ['dot', 'ring', 'half', 'filled']
const widths = new Map<string, number>()

/** Paints the whole canvas; the context is scaled to CSS pixels. */
export function paintOverlay(context: Context, chart: Chart, palette: Palette, sprites: Sprites, overlay: Overlay): void {
  context.clearRect(0, 0, chart.size.width, chart.size.height)
  if (overlay.region) paintRegion(context, chart, palette, overlay.region)
  const { shown } = overlay
  for (const one of shown) if (one.isArea) paintFootprint(context, chart, palette, one, one.activity.id === overlay.selected)
  const scale = chart.view.field === null && chart.size.width < 560 ? 0.75 : 1
  // Visits to one field, a hair's breadth apart, would pile up into a blot.
  const stamped = new Set<number>()
  const columns = Math.ceil(chart.size.width / NEAR) + 40
  for (const { mark, band, isLate, x, y, isArea } of shown) {
    const cell = Math.round(y / NEAR) * columns + Math.round(x / NEAR)
    const key = ((cell * MARKS.length + MARKS.indexOf(mark)) * BANDS.length + BANDS.indexOf(band)) * 2 + (isLate ? 1 : 0)
    if (stamped.has(key)) continue
    stamped.add(key)
    // A wide outline needs no mark in its middle unless it says what is going on now.
    if (!isArea || mark === 'filled' || mark === 'half') sprites.stamp(context, mark, band, isLate, x, y, scale)
  }
  paintNames(context, chart, palette, overlay)
  for (const one of shown) {
    if (one.activity.id === overlay.selected) paintSelection(context, palette, one)
    else if (one.activity.id === overlay.pointed) ring(context, one.x, one.y, RADIUS[one.mark] + 4, palette.text, 1.25)
  }
}

/** Paints a region as what is asked for: a dashed outline over a thin wash. */
function paintRegion(context: Context, chart: Chart, palette: Palette, region: Region): void {
  const drawn = toGeoJson(region)
  const path = chart.path(context)
  if (drawn.type === 'Polygon' || drawn.type === 'GeometryCollection' || drawn.type === 'Sphere') {
    context.beginPath()
    path(drawn)
    context.globalAlpha = 0.1
    context.fillStyle = palette.region
    context.fill()
    context.globalAlpha = 1
  }
  context.beginPath()
  path(outlineOf(drawn))
  context.setLineDash([6, 4])
  context.lineWidth = 1.75
  context.strokeStyle = palette.region
  context.stroke()
  context.setLineDash([])
}

function paintFootprint(context: Context, chart: Chart, palette: Palette, one: Placed, isSelected: boolean): void {
  const isNow = one.mark === 'filled' || one.mark === 'half'
  const colour = palette.bands[one.band]
  const drawn = toGeoJson(one.footprint.shape)
  const path = chart.path(context)
  if (one.mark === 'filled' && !one.isLate) {
    context.beginPath()
    path(drawn)
    context.globalAlpha = 0.28
    context.fillStyle = colour
    context.fill()
  }
  context.beginPath()
  path(outlineOf(drawn))
  context.globalAlpha = isSelected ? 1 : isNow ? 0.9 : 0.55
  context.strokeStyle = isSelected ? palette.focus : colour
  context.lineWidth = isSelected ? 2 : isNow ? 1.5 : 1
  if (one.isLate) context.setLineDash([3, 3])
  context.stroke()
  context.setLineDash([])
  context.globalAlpha = 1
}

function paintNames(context: Context, chart: Chart, palette: Palette, overlay: Overlay): void {
  const isSelected = (one: Placed) => one.activity.id === overlay.selected
  const now = overlay.shown.filter(({ mark }) => mark === 'filled' || mark === 'half')
  // From the top down, so that what is reported comes before what is only planned.
  const wanted = [...overlay.shown.filter(isSelected), ...now.filter((one) => !isSelected(one)).reverse()]
  context.font = `600 ${String(LABEL_SIZE)}px ${palette.font}`
  context.textAlign = 'left'
  const labels = placeLabels(
    wanted.map(({ activity, x, y }) => ({ text: activity.facility_name, x, y, width: widthOf(context, activity.facility_name) })),
    now,
    chart.size,
    overlay.mostNames,
  )
  context.lineJoin = 'round'
  context.lineWidth = 3
  context.strokeStyle = palette.sky
  context.fillStyle = palette.text
  for (const { text, x, y } of labels) {
    context.strokeText(text, x, y)
    context.fillText(text, x, y)
  }
}

function widthOf(context: Context, text: string): number {
  const key = `${context.font} ${text}`
  let width = widths.get(key)
  if (width === undefined) {
    width = context.measureText(text).width
    widths.set(key, width)
  }
  return width
}

function paintSelection(context: Context, palette: Palette, one: Placed): void {
  ring(context, one.x, one.y, RADIUS[one.mark] + 6, palette.sky, 5)
  ring(context, one.x, one.y, RADIUS[one.mark] + 6, palette.focus, 2.25)
}

function ring(context: Context, x: number, y: number, radius: number, colour: string, width: number): void {
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
  context.strokeStyle = colour
  context.lineWidth = width
  context.stroke()
}
