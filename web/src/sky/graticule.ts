/** The net of meridians and parallels, and the numbers beside them. */
import { fromIcrs, toIcrs } from './rotation'
import type { Frame } from './rotation'
import type { Position } from './sphere'
import { cos, signed, turned } from './sphere'
import type { Chart } from './view'

/** Lines of the net, ICRS, for d3-geo. */
export interface Net {
  lines: { type: 'MultiLineString'; coordinates: [number, number][][] }
  /** The equator of the frame, drawn stronger. */
  equator: { type: 'LineString'; coordinates: [number, number][] }
}

/** A number beside a line, pixels. */
export interface NetLabel {
  text: string
  x: number
  y: number
  align: 'left' | 'center' | 'right'
}

/** Steps of longitude and latitude, degrees, from coarse to fine; right ascension goes by parts of hours. */
const STEPS = {
  icrs: [
    [30, 30],
    [15, 10],
    [7.5, 5],
    [5, 2],
    [2.5, 1],
    [1.25, 0.5],
    [0.5, 0.2],
    [0.25, 0.1],
    [0.125, 0.05],
  ],
  galactic: [
    [30, 30],
    [10, 10],
    [5, 5],
    [2, 2],
    [1, 1],
    [0.5, 0.5],
    [0.2, 0.2],
    [0.1, 0.1],
    [0.05, 0.05],
  ],
} as const

/** Steps that give a handful of lines across the chart. */
function stepsOf({ view }: Chart): readonly [longitude: number, latitude: number] {
  const wanted = (view.field ?? 360) / 5
  const steps = STEPS[view.frame]
  const [, up] = steps.find(([, latitude]) => latitude <= wanted) ?? steps[8]
  // Meridians come together towards the poles.
  const narrowing = Math.max(0.02, cos(view.centre[1]))
  const [across] = steps.find(([longitude]) => longitude * narrowing <= wanted * 1.5) ?? steps[8]
  return [across, up]
}

/** The net over what the chart shows. */
export function netOf(chart: Chart): Net {
  const { frame } = chart.view
  const [across, up] = stepsOf(chart)
  const [middle, height] = fromIcrs(frame, chart.centre)
  const reach = Math.min(180, chart.reach + up)
  const [low, high] = [Math.max(-90, height - reach), Math.min(90, height + reach)]
  const nearPole = Math.max(Math.abs(low), Math.abs(high))
  const width = nearPole > 85 ? 180 : Math.min(180, reach / Math.cos((nearPole * Math.PI) / 180))
  const lines: [number, number][][] = []
  // Meridians stop short of the poles, where they would run into one another, except every 90°.
  const stop = 90 - Math.min(10, up)
  for (let step = Math.ceil((middle - width) / across); step * across < middle + width - 1e-9; step += 1) {
    const longitude = step * across
    const end = Number.isInteger(longitude / 90) ? 90 : stop
    lines.push(line(frame, [longitude, Math.max(low, -end)], [longitude, Math.min(high, end)], chart))
  }
  for (let step = Math.ceil(low / up); step * up <= high + 1e-9; step += 1) {
    if (Math.abs(step * up) < 90 && step !== 0) {
      lines.push(line(frame, [middle - width, step * up], [middle + width, step * up], chart))
    }
  }
  const equator = line(frame, [middle - 180, 0], [middle + 180, 0], chart)
  return {
    lines: { type: 'MultiLineString', coordinates: lines },
    equator: { type: 'LineString', coordinates: equator },
  }
}

function line(frame: Frame, from: Position, to: Position, chart: Chart): [number, number][] {
  const [wide, high] = [Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])]
  const along = Math.max(wide * cos(from[1]), high)
  const count = Math.max(2, Math.ceil(wide / 4), Math.ceil(along / Math.min(4, (chart.view.field ?? 360) / 12)))
  return Array.from({ length: count + 1 }, (_, index) => {
    const share = index / count
    const at = toIcrs(frame, [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share])
    return [at[0], at[1]]
  })
}

/** Numbers: on the whole sky along its equator and middle meridian, zoomed along the lower and the left edge. */
export function netLabels(chart: Chart): NetLabel[] {
  return chart.view.field === null ? labelsInside(chart) : labelsAtEdges(chart)
}

function labelsInside(chart: Chart): NetLabel[] {
  const { frame, centre } = chart.view
  const [across, up] = stepsOf(chart)
  const labels: NetLabel[] = []
  const add = (at: Position, text: string, align: NetLabel['align']) => {
    const point = chart.project(toIcrs(frame, at))
    if (point) labels.push({ text, x: point[0] + (align === 'left' ? 4 : 0), y: point[1] - 4, align })
  }
  const isNarrow = chart.size.width < 560
  for (let longitude = 0; longitude < 360; longitude += isNarrow ? across * 2 : across) {
    const away = Math.abs(signed(longitude - centre[0]))
    if (away < 172) add([longitude, 0], longitudeText(frame, longitude, across), 'left')
  }
  for (let latitude = -60; latitude <= 60; latitude += up) {
    if (latitude !== 0) add([centre[0], latitude], latitudeText(latitude, up), 'left')
  }
  return labels
}

function labelsAtEdges(chart: Chart): NetLabel[] {
  const { frame } = chart.view
  const { width, height } = chart.size
  const [across, up] = stepsOf(chart)
  const at = (x: number, y: number) => {
    const found = chart.invert([x, y])
    return found && fromIcrs(frame, found)
  }
  const labels: NetLabel[] = []
  for (const { place, value } of passes((x) => at(x, height - 2)?.[0], across, width, true)) {
    if (place > 70 && place < width - 30) {
      labels.push({ text: longitudeText(frame, turned(value), across), x: place, y: height - 6, align: 'center' })
    }
  }
  for (const { place, value } of passes((y) => at(2, y)?.[1], up, height, false)) {
    if (place > 14 && place < height - 20) {
      labels.push({ text: latitudeText(value, up), x: 5, y: place - 3, align: 'left' })
    }
  }
  return labels
}

/** Where along an edge a coordinate passes whole steps. */
function passes(
  valueAt: (place: number) => number | undefined,
  step: number,
  length: number,
  isTurning: boolean,
): { place: number; value: number }[] {
  const found: { place: number; value: number }[] = []
  const STRIDE = 8
  let before = valueAt(0)
  for (let place = STRIDE; place <= length; place += STRIDE) {
    const after = valueAt(place)
    if (before !== undefined && after !== undefined) {
      const change = isTurning ? signed(after - before) : after - before
      const [low, high] = change < 0 ? [before + change, before] : [before, before + change]
      const value = Math.ceil(low / step) * step
      if (value <= high && change !== 0 && Math.abs(change) < step * 4) {
        found.push({ place: place - STRIDE + (STRIDE * (value - before)) / change, value })
      }
    }
    before = after
  }
  return found
}

/** `5h`, `5h 30m`, `5h 30m 30s`; Galactic longitudes as `120°`. */
function longitudeText(frame: Frame, degrees: number, step: number): string {
  if (frame === 'galactic') return `${fixed(turned(degrees), step)}°`
  const seconds = Math.round(turned(degrees) * 240) % 86_400
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60]
  const parts = [`${String(hours)}h`]
  if (minutes > 0 || rest > 0) parts.push(`${String(minutes)}m`)
  if (rest > 0) parts.push(`${String(rest)}s`)
  return parts.join(' ')
}

function latitudeText(degrees: number, step: number): string {
  const sign = degrees > 1e-9 ? '+' : degrees < -1e-9 ? '−' : ''
  return `${sign}${fixed(Math.abs(degrees), step)}°`
}

const fixed = (value: number, step: number): string => value.toFixed(step >= 1 ? 0 : step >= 0.1 ? 1 : 2)
