/** Changing regions: moving, sizing, corners. Everything answers with a new region. ICRS degrees. */
import { geoArea } from 'd3-geo'
import { regionWords } from '@/messages/sky'
import { boundsOf, contains } from './geometry'
import type { Polygon, Region } from './geometry'
import { toGeoJson } from './geojson'
import { bearing, cross, destination, direction, dot, plus, positionOf, scaled, separation, towards, turned } from './sphere'
import type { Position, Vector } from './sphere'

/** The middle of a region. */
export function middleOf(region: Region): Position {
  const { ra, dec } = boundsOf(region)
  return [ra, dec]
}

/** The region carried along the sky as a point of it goes from one place to another; shapes stay as they are. */
export function carried<R extends Region>(region: R, from: Position, to: Position): R
export function carried(region: Region, from: Position, to: Position): Region {
  switch (region.kind) {
    case 'circle': {
      const [ra, dec] = turnedAlong([region.ra, region.dec], from, to)
      return { ...region, ra, dec }
    }
    case 'polygon': {
      const turn = (ring: readonly Position[]) => ring.map((at) => turnedAlong(at, from, to))
      return { ...region, vertices: turn(region.vertices), holes: region.holes.map(turn) }
    }
    case 'range': {
      const up = Math.max(-90 - region.dec1, Math.min(90 - region.dec2, to[1] - from[1]))
      const east = to[0] - from[0]
      const isAllAround = region.ra1 === 0 && region.ra2 === 360
      const ends = isAllAround ? {} : { ra1: turned(region.ra1 + east), ra2: turned(region.ra2 + east) }
      return { ...region, ...ends, dec1: region.dec1 + up, dec2: region.dec2 + up }
    }
    case 'union':
      return { ...region, parts: region.parts.map((part) => carried(part, from, to)) }
  }
}

/** Where a place goes when the sky is turned by the shortest way from one point to another. */
function turnedAlong(at: Position, from: Position, to: Position): Position {
  const axis = direction(cross(towards(from), towards(to)))
  if (!axis) return at
  const by = (separation(from, to) * Math.PI) / 180
  const v = towards(at)
  const along: Vector = scaled(axis, dot(axis, v) * (1 - Math.cos(by)))
  return positionOf(plus(plus(scaled(v, Math.cos(by)), cross(axis, v), Math.sin(by)), along))
}

/** The region `factor` times as large, about its middle. */
export function resized(region: Region, factor: number): Region {
  const middle = middleOf(region)
  const away = (at: Position) => destination(middle, bearing(middle, at), Math.min(170, separation(middle, at) * factor))
  switch (region.kind) {
    case 'circle':
      return { ...region, radius: Math.max(0.001, Math.min(180, region.radius * factor)) }
    case 'polygon': {
      // An outline wider than half the sky has no inside left to tell.
      const far = Math.max(...region.vertices.map((at) => separation(middle, at)))
      if (far * factor >= 90) return region
      return { ...region, vertices: region.vertices.map(away), holes: region.holes.map((hole) => hole.map(away)) }
    }
    case 'range':
    case 'union':
      return region
  }
}

/** Another corner: into the edge whose way around it is the shortest, so that edges do not come to cross. */
export function withCorner(polygon: Polygon, at: Position): Polygon {
  const { vertices } = polygon
  if (vertices.length < 3) return { ...polygon, vertices: [...vertices, at] }
  const detour = (index: number) => {
    const from = vertices[index] as Position
    const to = vertices[(index + 1) % vertices.length] as Position
    return separation(from, at) + separation(at, to) - separation(from, to)
  }
  const edges = vertices.map((_, index) => index)
  const best = edges.reduce((least, index) => (detour(index) < detour(least) ? index : least), vertices.length - 1)
  return { ...polygon, vertices: [...vertices.slice(0, best + 1), at, ...vertices.slice(best + 1)] }
}

/** The polygon with one corner elsewhere. */
export const withCornerAt = (polygon: Polygon, index: number, at: Position): Polygon => ({
  ...polygon,
  vertices: polygon.vertices.map((vertex, place) => (place === index ? at : vertex)),
})

/** The polygon without its last corner. */
export const withoutLastCorner = (polygon: Polygon): Polygon => ({ ...polygon, vertices: polygon.vertices.slice(0, -1) })

/** Whether a point may be grabbed to move the whole region; a polygon that is not finished has no inside. */
export const isInside = (region: Region, at: Position): boolean =>
  !(region.kind === 'polygon' && region.vertices.length < 3) && contains(region, at[0], at[1])

/** Numbers as long as the eye can tell them apart at `scale` pixels a degree. */
export function tidied(region: Region, scale: number): Region {
  const digits = Math.max(1, Math.min(6, Math.ceil(Math.log10(Math.max(1, scale))) + 1))
  const round = (value: number) => Number(value.toFixed(digits))
  const place = ([ra, dec]: Position): Position => [round(ra) % 360, round(dec)]
  switch (region.kind) {
    case 'circle': {
      const [ra, dec] = place([region.ra, region.dec])
      return { ...region, ra, dec, radius: round(region.radius) || 10 ** -digits }
    }
    case 'polygon':
      return { ...region, vertices: region.vertices.map(place), holes: region.holes.map((hole) => hole.map(place)) }
    case 'range':
      return { ...region, ra1: round(region.ra1), ra2: round(region.ra2), dec1: round(region.dec1), dec2: round(region.dec2) }
    case 'union':
      return region
  }
}

const SQUARE_DEGREES = (180 / Math.PI) ** 2

/** Area in square degrees; of a union the sum of its parts. */
export const areaOf = (region: Region): number => geoArea(toGeoJson(region)) * SQUARE_DEGREES

const short = (degrees: number): string => `${String(Number(degrees.toFixed(3))).replace('-', '−')}°`

/** The region in words. */
export function regionInWords(region: Region): string {
  const [ra, dec] = middleOf(region).map(short) as [string, string]
  switch (region.kind) {
    case 'circle':
      return regionWords.circleNow(ra, dec, short(region.radius))
    case 'polygon':
      return regionWords.polygonNow(region.vertices.length, ra, dec)
    case 'range':
      return regionWords.rangeNow(short(region.ra1), short(region.ra2), short(region.dec1), short(region.dec2))
    case 'union':
      return regionWords.unionNow(region.parts.length)
  }
}
