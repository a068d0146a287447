/** How high a position stands at a site through a night, in numbers and in words. Times are ms, angles degrees. */
import { altitudeWords as words } from '@/messages/sky'
import { formatDuration } from '@/ui/format'
import { altitude, moonAltitude, moonPosition, sunAltitude } from './astronomy'
import { ASTRONOMICAL, crossings, darkness, nightAt } from './nights'
import type { Darkness } from './nights'
import type { PlotSite } from './props'
import { separation } from './sphere'

/** A span of time. */
export interface Span {
  from: number
  to: number
}

/** A point of a curve. */
export interface Point {
  at: number
  altitude: number
}

/** A night at a site as the plot shows it. */
export interface Tonight {
  window: Span
  /** The window by how dark it is. */
  bands: (Span & { darkness: Darkness })[]
  target: Point[]
  moon: Point[]
  /** Where the position stands highest while the Sun is below −18°; null without such darkness, or when it is never up then. */
  best: Point | null
  /** When it is dark and the position at least this high. */
  good: Span[]
  dark: Span | null
  moonLit: number
  /** Degrees between Moon and position in the middle of the window. */
  moonAway: number
}

/** Altitude from which a position is taken to be well placed: twice the air of the zenith. */
const WELL_UP = 30

const HOUR = 3_600_000
const SAMPLE = 10 * 60_000
const FINE = 2 * 60_000

/** The night at a site, from an hour before sunset to an hour after sunrise; all day where the Sun does not set. */
export function tonightAt(ra: number, dec: number, site: PlotSite, time: number): Tonight {
  const { latitude, longitude } = site
  const night = nightAt(latitude, longitude, time)
  const window: Span = { from: (night.sunset ?? night.from + HOUR) - HOUR, to: (night.sunrise ?? night.to - HOUR) + HOUR }
  const height = (ms: number) => altitude(ra, dec, latitude, longitude, ms)
  const sun = (ms: number) => sunAltitude(latitude, longitude, ms)
  const moon = moonPosition((window.from + window.to) / 2)
  const isDark = (ms: number) => sun(ms) < ASTRONOMICAL
  const samples = curve(height, window, FINE).filter((point) => point.altitude > 0 && isDark(point.at))
  const dark = spansAbove((ms) => ASTRONOMICAL - sun(ms), 0, window)[0] ?? null
  return {
    window,
    bands: bandsOf(sun, window),
    target: curve(height, window, SAMPLE),
    moon: curve((ms) => moonAltitude(latitude, longitude, ms), window, SAMPLE),
    best: samples.reduce<Point | null>((best, point) => (best && best.altitude >= point.altitude ? best : point), null),
    good: spansAbove((ms) => Math.min(height(ms) - WELL_UP, ASTRONOMICAL - sun(ms)), 0, window),
    dark,
    moonLit: moon.illumination,
    moonAway: separation([moon.ra, moon.dec], [ra, dec]),
  }
}

function curve(of: (ms: number) => number, { from, to }: Span, step: number): Point[] {
  const count = Math.max(1, Math.round((to - from) / step))
  return Array.from({ length: count + 1 }, (_, index) => {
    const at = from + ((to - from) * index) / count
    return { at, altitude: of(at) }
  })
}

/** When a curve is above a limit. */
function spansAbove(of: (ms: number) => number, limit: number, { from, to }: Span): Span[] {
  const edges = crossings(of, limit, from, to).map(({ at }) => at)
  const ends = [from, ...edges, to]
  const spans = ends.slice(1).map((end, index) => ({ from: ends[index] as number, to: end }))
  return spans.filter((span) => of((span.from + span.to) / 2) >= limit)
}

function bandsOf(sun: (ms: number) => number, window: Span): Tonight['bands'] {
  const limits = [-0.833, -6, -12, -18]
  const edges = limits.flatMap((limit) => crossings(sun, limit, window.from, window.to).map(({ at }) => at))
  const ends = [window.from, ...edges.sort((a, b) => a - b), window.to]
  return ends.slice(1).map((to, index) => {
    const from = ends[index] as number
    return { from, to, darkness: darkness(sun((from + to) / 2)) }
  })
}

/** `03:14`, UTC. */
export const clock = (ms: number): string => new Date(Math.round(ms / 60_000) * 60_000).toISOString().slice(11, 16)

const whole = (degrees: number): string => `${String(Math.round(degrees))}°`

/** What the plot of a site says, a line for each fact. */
export function inLines({ best, good, dark, moonLit, moonAway }: Tonight): { term: string; text: string }[] {
  const total = good.reduce((sum, span) => sum + span.to - span.from, 0)
  const spans = good.map((span) => words.times(clock(span.from), clock(span.to))).join(', ')
  return [
    { term: words.darkFrom, text: dark ? words.times(clock(dark.from), clock(dark.to)) : words.noDark },
    { term: words.best, text: best ? words.at(whole(best.altitude), clock(best.at)) : words.never },
    { term: words.above, text: good.length > 0 ? `${spans} (${formatDuration(total / 1000)})` : words.never },
    { term: words.moon, text: words.moonNow(Math.round(moonLit * 100), whole(moonAway)) },
  ]
}
