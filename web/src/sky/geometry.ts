/**
 * Parts of the sky with their true shape on the sphere, ICRS degrees: what people ask for in the words of SIA2 `POS`,
 * and footprints (`s_region`) in the spellings archives use. A region is closed: its boundary belongs to it.
 */
import { insidePolygon, polygonBounds } from './polygon'
import { angle, isPosition, plus, positionOf, direction, separation as apart, towards, turned } from './sphere'
import type { Position, Vector } from './sphere'

/** All within `radius` (0 to 180) of a centre; with radius 0 the point alone. */
export interface Circle {
  kind: 'circle'
  ra: number
  dec: number
  radius: number
}

/** The smaller of the two sides of a closed line of great circle arcs, less its holes. The first vertex is not repeated. */
export interface Polygon {
  kind: 'polygon'
  vertices: readonly Position[]
  holes: readonly (readonly Position[])[]
}

/** Between two meridians, from `ra1` eastwards to `ra2` (through 0 where `ra1 > ra2`), and two parallels. */
export interface Range {
  kind: 'range'
  ra1: number
  ra2: number
  dec1: number
  dec2: number
}

/** Several parts; what is in any of them is in it. */
export interface Union {
  kind: 'union'
  parts: readonly (Circle | Polygon)[]
}

export type Region = Circle | Polygon | Range | Union

/** A circle that holds a region; not the smallest, but never too small. Degrees. */
export interface Bounds {
  ra: number
  dec: number
  radius: number
}

/** Slack for rounding at boundaries, degrees. */
const TOUCH = 1e-9

export { parseRegion } from './parsing'
export type { Position } from './sphere'

/** Degrees between two positions. */
export const separation = (a: Position, b: Position): number => apart(a, b)

/** The region in the words of SIA2 `POS`; a union, which that grammar lacks, as STC-S `UNION ICRS ( … )`. */
export function regionText(region: Region): string {
  switch (region.kind) {
    case 'circle':
      return `CIRCLE ${number(region.ra)} ${number(region.dec)} ${number(region.radius)}`
    case 'polygon':
      return polygonText(region)
    case 'range':
      return `RANGE ${number(region.ra1)} ${number(region.ra2)} ${number(region.dec1)} ${number(region.dec2)}`
    case 'union':
      return `UNION ICRS ( ${region.parts.map(regionText).join(' ')} )`
  }
}

function polygonText(region: Polygon): string {
  const ring = (vertices: readonly Position[]) => vertices.map(([ra, dec]) => `${number(ra)} ${number(dec)}`).join(' ')
  const holes = region.holes.map((hole) => ` NOT ( POLYGON ${ring(hole)} )`).join('')
  return `POLYGON ${ring(region.vertices)}${holes}`
}

/** Ten milliarcseconds are finer than anybody points, and keep addresses short. */
const number = (value: number): string => String(Number(value.toFixed(6)) + 0)

/** Whether a position (degrees) is in the region; never if it is no position. */
export function contains(region: Region, ra: number, dec: number): boolean {
  if (!isPosition(ra, dec)) return false
  switch (region.kind) {
    case 'circle':
      return apart([region.ra, region.dec], [ra, dec]) <= region.radius + TOUCH
    case 'polygon':
      return insidePolygon(region, towards([ra, dec]))
    case 'range':
      return dec >= region.dec1 - TOUCH && dec <= region.dec2 + TOUCH && (isWithin(region, ra) || isPole(dec))
    case 'union':
      return region.parts.some((part) => contains(part, ra, dec))
  }
}

const isPole = (dec: number): boolean => Math.abs(dec) >= 90 - TOUCH

/** What a range spans in right ascension, degrees: 0 to 360. */
export const widthOf = (range: Range): number =>
  range.ra1 <= range.ra2 ? range.ra2 - range.ra1 : range.ra2 - range.ra1 + 360

function isWithin(range: Range, ra: number): boolean {
  const from = turned(ra - range.ra1)
  return from <= widthOf(range) + TOUCH || from >= 360 - TOUCH
}

/** A circle around the region. */
export function boundsOf(region: Region): Bounds {
  switch (region.kind) {
    case 'circle':
      return { ra: region.ra, dec: region.dec, radius: region.radius }
    case 'polygon':
      return polygonBounds(region)
    case 'range':
      return rangeBounds(region)
    case 'union':
      return unionBounds(region)
  }
}

function rangeBounds(range: Range): Bounds {
  const width = widthOf(range)
  const middle = turned(range.ra1 + width / 2)
  if (width >= 180) {
    // Its farthest point from a pole is on the far parallel.
    return range.dec1 + range.dec2 >= 0
      ? { ra: middle, dec: 90, radius: 90 - range.dec1 }
      : { ra: middle, dec: -90, radius: 90 + range.dec2 }
  }
  const centre: Position = [middle, (range.dec1 + range.dec2) / 2]
  const parallels = [range.dec1, range.dec2, 0].filter((dec) => dec >= range.dec1 && dec <= range.dec2)
  const far = Math.max(...parallels.map((dec) => apart(centre, [range.ra1, dec])))
  return { ra: centre[0], dec: centre[1], radius: Math.min(180, Math.max(far, (range.dec2 - range.dec1) / 2) + TOUCH) }
}

function unionBounds(union: Union): Bounds {
  const circles = union.parts.map(boundsOf).map((part) => ({ at: towards([part.ra, part.dec]), radius: part.radius }))
  const sum = circles.reduce<Vector>((total, { at }) => plus(total, at), [0, 0, 0])
  const centre = direction(sum) ?? [0, 0, 1]
  const radius = Math.max(0, ...circles.map((part) => angle(centre, part.at) + part.radius + TOUCH))
  const [ra, dec] = positionOf(centre)
  return { ra, dec, radius: Math.min(180, radius) }
}
