/** From bars in time to shapes in pixels: what is too narrow to be a bar of its own joins a strip. */
import { isKnown, type Bar } from './bars'
import type { Lane, PlacedBar } from './lanes'

/** Narrower than this (px) a bar is not drawn alone when it has near neighbours. */
export const NARROWEST = 2
/** Elements a timeline may have in all. */
export const MOST_ELEMENTS = 1500
/** Elements of a lane beside its shapes: itself, day, twilight, night, and now. */
const PER_LANE = 5
/** Narrower than this (px) a bar gets a wider place to point at, an element of its own. */
export const EASY = 8
/** Wider than this (px) a bar may carry a name, an element of its own. */
export const NAMED = 30

/** A span of time (ms) laid over a width (px). */
export interface Scale {
  from: number
  to: number
  width: number
}

/** One bar, cut at the edges of the window. */
export interface BarShape {
  type: 'bar'
  key: string
  bar: Bar
  row: number
  x: number
  width: number
  /** Width of the part known to have happened. */
  known: number
  /** The bar goes on beyond the right edge of the window. */
  cut: boolean
}

/** Bars too narrow to be told apart. */
export interface StripShape {
  type: 'strip'
  key: string
  /** Key of the first bar in it. */
  first: string
  row: number
  x: number
  width: number
  count: number
  from: number
  to: number
  /** They are known to have happened; strips never mix those with plans. */
  known: boolean
}

export type Shape = BarShape | StripShape

/** The shapes of every lane, together within the bound on elements; strips grow until they are. */
export function shapesOf(lanes: readonly Lane[], scale: Scale, most = MOST_ELEMENTS): Shape[][] {
  let narrowest = NARROWEST
  let all = lanes.map((lane) => laneShapes(lane.bars, scale, narrowest))
  while (elements(all) > most && narrowest < scale.width) {
    narrowest *= 2
    all = lanes.map((lane) => laneShapes(lane.bars, scale, narrowest))
  }
  return all
}

/** The shapes of one lane, in the order of their starts. */
export function laneShapes(bars: readonly PlacedBar[], scale: Scale, narrowest = NARROWEST): Shape[] {
  const shapes: Shape[] = []
  // What happened and what is only planned wait apart: a strip never mixes them.
  const open = new Map<string, Waiting>()
  const close = (key: string) => {
    const waiting = open.get(key)
    if (waiting) shapes.push(joined(waiting))
    open.delete(key)
  }
  for (const placed of bars) {
    const shape = barShape(placed, scale)
    if (!shape) continue
    const known = isKnown(shape.bar.kind)
    const key = `${shape.row} ${known}`
    if (shape.width >= narrowest) {
      close(key)
      shapes.push(shape)
      continue
    }
    const right = shape.x + shape.width
    const waiting = open.get(key)
    if (waiting && shape.x - waiting.right < narrowest) {
      waiting.shapes.push(shape)
      waiting.right = Math.max(waiting.right, right)
    } else {
      close(key)
      open.set(key, { shapes: [shape], right, known })
    }
  }
  for (const key of [...open.keys()]) close(key)
  return shapes.sort((a, b) => a.x - b.x || a.row - b.row)
}

/** How many elements the lanes come to. */
export function elements(lanes: readonly Shape[][]): number {
  return lanes.reduce((sum, shapes) => sum + PER_LANE + shapes.reduce((own, shape) => own + weight(shape), 0), 0)
}

/** Elements of a shape: its group, what is filled or outlined, and what it needs besides. */
function weight(shape: Shape): number {
  if (shape.type === 'strip') return 3
  const { bar, width, known } = shape
  const besides = [known > 0 && bar.known < bar.end, bar.kind === 'running', bar.kind === 'aborted', bar.late, bar.margin > 0, width < EASY, width > NAMED]
  return 2 + besides.filter(Boolean).length
}

/** Where a moment lies, px. */
export function xOf(time: number, { from, to, width }: Scale): number {
  return ((time - from) / (to - from)) * width
}

function barShape({ bar, row }: PlacedBar, scale: Scale): BarShape | null {
  if (bar.end < scale.from || bar.start > scale.to) return null
  const x = Math.max(0, xOf(bar.start, scale))
  const right = Math.min(scale.width, xOf(bar.end, scale))
  const known = Math.max(0, Math.min(scale.width, xOf(bar.known, scale)) - x)
  return { type: 'bar', key: bar.id, bar, row, x, width: right - x, known, cut: bar.end > scale.to }
}

/** Narrow bars of one row that may become a strip. */
interface Waiting {
  shapes: BarShape[]
  /** Their right edge, px. */
  right: number
  known: boolean
}

function joined({ shapes, right, known }: Waiting): Shape {
  const [first, ...others] = shapes
  if (!first) throw new RangeError('a strip is made of something')
  if (others.length === 0) return first
  const { key, row, x, bar } = first
  const to = shapes.reduce((latest, one) => Math.max(latest, one.bar.end), bar.end)
  return { type: 'strip', key: `strip ${key}`, first: key, row, x, width: right - x, count: shapes.length, from: bar.start, to, known }
}

/** The shapes with those objects kept that say the same as before, so that nothing is drawn anew for them. */
export function keptShapes(shapes: readonly Shape[], before: ReadonlyMap<string, Shape>): Shape[] {
  return shapes.map((shape) => {
    const held = before.get(shape.key)
    return held && isSame(held, shape) ? held : shape
  })
}

function isSame(one: Shape, other: Shape): boolean {
  const [a, b] = [one as unknown as Record<string, unknown>, other as unknown as Record<string, unknown>]
  return one.type === other.type && Object.keys(b).every((key) => a[key] === b[key])
}
