/** Paints what stands still behind the pointings: sky, Milky Way, net, constellations, stars, horizon, Sun and Moon. */
import { moonPosition, sunPosition, zenith } from './astronomy'
import { outlineOf, toGeoJson } from './geojson'
import { netLabels, netOf } from './graticule'
import { milkyWay } from './milkyway'
import type { Palette } from './palette'
import type { MapSite } from './props'
import { bearing, destination, turned } from './sphere'
import type { Position } from './sphere'
import type { ConstellationName, StarChart } from './stars'
import type { Chart } from './view'

/** What can be shown behind the pointings besides the net. */
export interface Backdrop {
  stars: StarChart | null
  /** Of constellations; empty until they are fetched. */
  names: readonly ConstellationName[]
  hasConstellations: boolean
  /** ms. */
  time: number
  site: MapSite | null
  words: { sun: string; moon: string; horizon: (name: string) => string }
}

type Context = CanvasRenderingContext2D

const BAND = milkyWay()

/** Paints the whole canvas; the context is scaled to CSS pixels. */
export function paintSky(context: Context, chart: Chart, palette: Palette, backdrop: Backdrop): void {
  const { width, height } = chart.size
  context.clearRect(0, 0, width, height)
  const path = chart.path(context)
  context.fillStyle = palette.sky
  if (chart.view.field === null) {
    fill(context, () => path({ type: 'Sphere' }))
  } else context.fillRect(0, 0, width, height)

  // Close by, its computed edges would look like something that is there.
  context.globalAlpha = 0.45 * Math.min(1, (chart.view.field ?? 360) / 60)
  context.fillStyle = palette.milkyWay
  for (const area of BAND) fill(context, () => path(area))
  context.globalAlpha = 1

  const net = netOf(chart)
  stroke(context, palette.grid, 0.75, () => path(net.lines))
  stroke(context, palette.grid, 1.5, () => path(net.equator))

  if (backdrop.stars) paintStars(context, chart, palette, backdrop.stars, backdrop.hasConstellations)
  if (backdrop.hasConstellations && chart.view.field !== null) paintNames(context, chart, palette, backdrop.names)
  if (backdrop.site) paintHorizon(context, chart, palette, backdrop.site, backdrop)
  paintNumbers(context, chart, palette)
  paintSunAndMoon(context, chart, palette, backdrop)
  if (chart.view.field === null) stroke(context, palette.line, 1, () => path({ type: 'Sphere' }))
}

function paintStars(context: Context, chart: Chart, palette: Palette, sky: StarChart, hasLines: boolean): void {
  const isZoomed = chart.view.field !== null
  // On a small map of the whole sky the stars would drown what lies over them.
  const detail = isZoomed ? 1 : Math.min(1, chart.size.width / 1100)
  if (hasLines) {
    const path = chart.path(context)
    context.globalAlpha = 0.14 + 0.2 * detail
    stroke(context, palette.star, 0.75, () => path(sky.lines))
  }
  context.fillStyle = palette.star
  // A narrow field shows few stars, so they may be drawn larger.
  const growth = Math.min(2.2, Math.max(0.75, chart.scale / 6) ** 0.35) * (0.6 + 0.4 * detail)
  let alpha = -1
  context.beginPath()
  for (const { at, magnitude } of sky.stars) {
    // They come from bright to faint.
    if (magnitude > 3 + 2 * detail) break
    const step = Math.round(Math.max(0.3, 1 - Math.max(0, magnitude - 1) * 0.17) * 10) / 10
    if (step !== alpha) {
      context.fill()
      context.globalAlpha = step * (0.5 + 0.5 * detail)
      context.beginPath()
      alpha = step
    }
    const point = chart.project(at)
    if (!point || !isOnMap(point, chart)) continue
    const radius = Math.max(0.5, (2.5 - magnitude * 0.36) * growth)
    if (radius < 0.9) context.rect(point[0] - radius, point[1] - radius, 2 * radius, 2 * radius)
    else {
      context.moveTo(point[0] + radius, point[1])
      context.arc(point[0], point[1], radius, 0, 2 * Math.PI)
    }
  }
  context.fill()
  context.globalAlpha = 1
}

function paintNames(context: Context, chart: Chart, palette: Palette, names: readonly ConstellationName[]): void {
  const least = (chart.view.field ?? 360) > 90 ? 1 : (chart.view.field ?? 360) > 50 ? 2 : 3
  context.fillStyle = palette.muted
  context.globalAlpha = 0.75
  context.textAlign = 'center'
  context.font = `italic 11px ${palette.font}`
  for (const { name, at, rank } of names) {
    const point = rank <= least ? chart.project(at) : null
    if (point && isOnMap(point, chart)) context.fillText(name, point[0], point[1])
  }
  context.globalAlpha = 1
}

const isOnMap = ([x, y]: Position, { size }: Chart): boolean => x > -20 && y > -20 && x < size.width + 20 && y < size.height + 20

function paintHorizon(context: Context, chart: Chart, palette: Palette, site: MapSite, backdrop: Backdrop): void {
  const { ra, dec } = zenith(site.latitude, site.longitude, backdrop.time)
  const path = chart.path(context)
  const below = toGeoJson({ kind: 'circle', ra: turned(ra + 180), dec: -dec, radius: 90 })
  context.fillStyle = palette.shade
  context.globalAlpha = 0.55
  fill(context, () => path(below))
  context.globalAlpha = 1
  context.setLineDash([2, 3])
  stroke(context, palette.muted, 1.25, () => path(outlineOf(below)))
  context.setLineDash([])
  const top = chart.project([ra, dec])
  if (!top) return
  context.fillStyle = palette.muted
  context.textAlign = 'center'
  context.font = `11px ${palette.font}`
  context.fillText('+', top[0], top[1] + 4)
  context.fillText(backdrop.words.horizon(site.name), top[0], top[1] + 18)
}

function paintNumbers(context: Context, chart: Chart, palette: Palette): void {
  context.fillStyle = palette.muted
  context.font = `10px ${palette.font}`
  context.globalAlpha = 0.85
  for (const { text, x, y, align } of netLabels(chart)) {
    context.textAlign = align
    context.fillText(text, x, y)
  }
  context.globalAlpha = 1
}

function paintSunAndMoon(context: Context, chart: Chart, palette: Palette, { time, words }: Backdrop): void {
  const sun = sunPosition(time)
  const moon = moonPosition(time)
  const sunAt = chart.project([sun.ra, sun.dec])
  const moonAt = chart.project([moon.ra, moon.dec])
  context.textAlign = 'left'
  context.font = `11px ${palette.font}`
  context.strokeStyle = context.fillStyle = palette.text
  context.lineWidth = 1.25
  if (sunAt && isOnMap(sunAt, chart)) {
    disc(context, sunAt, 6, palette.sky)
    disc(context, sunAt, 1.75, palette.text)
    paintName(context, words.sun, sunAt, chart, palette)
  }
  if (moonAt && isOnMap(moonAt, chart)) {
    const at: Position = [moon.ra, moon.dec]
    const sunward = chart.project(destination(at, bearing(at, [sun.ra, sun.dec]), 0.05)) ?? moonAt
    paintMoon(context, moonAt, moon.illumination, Math.atan2(sunward[1] - moonAt[1], sunward[0] - moonAt[0]), palette)
    paintName(context, words.moon, moonAt, chart, palette)
  }
}

function paintName(context: Context, name: string, [x, y]: Position, chart: Chart, palette: Palette): void {
  const isAtRight = x > chart.size.width - 60
  context.textAlign = isAtRight ? 'right' : 'left'
  context.fillStyle = palette.text
  context.fillText(name, x + (isAtRight ? -10 : 10), y + 4)
}

/** A disc whose lit part is turned to the Sun on the map. */
function paintMoon(context: Context, [x, y]: Position, lit: number, sunward: number, palette: Palette): void {
  const radius = 6
  const [bright, dark] = palette.isLight ? [palette.sky, palette.text] : [palette.text, palette.sky]
  disc(context, [x, y], radius, dark)
  context.save()
  context.translate(x, y)
  context.rotate(sunward)
  context.beginPath()
  context.arc(0, 0, radius, -Math.PI / 2, Math.PI / 2)
  // The edge of the lit part is half an ellipse, on the near side of the middle while the Moon is a crescent.
  context.ellipse(0, 0, Math.abs(1 - 2 * lit) * radius, radius, 0, Math.PI / 2, -Math.PI / 2, lit < 0.5)
  context.fillStyle = bright
  context.fill()
  context.restore()
}

function disc(context: Context, [x, y]: Position, radius: number, colour: string): void {
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
  context.fillStyle = colour
  context.fill()
  context.stroke()
}

function fill(context: Context, draw: () => void): void {
  context.beginPath()
  draw()
  context.fill()
}

function stroke(context: Context, colour: string, width: number, draw: () => void): void {
  context.strokeStyle = colour
  context.lineWidth = width
  context.beginPath()
  draw()
  context.stroke()
}
