/**
 * Regions as GeoJSON for d3-geo, which takes the *rest of the sky* for the inside of a ring that runs the other way:
 * every ring made here has its inside on the right hand of who walks along it, seen from inside the sphere's map.
 */
import { geoArea, geoCircle } from 'd3-geo'
import type { GeoSphere } from 'd3-geo'
import type { Geometry as Flat } from 'geojson'
import { widthOf } from './geometry'
import type { Circle, Polygon, Range, Region } from './geometry'
import type { Position } from './sphere'

type Geometry = Flat | GeoSphere
type Line = [number, number][]

/** Degrees between points drawn on a small circle. */
const STEP = 3

const known = new WeakMap<Region, Geometry>()

/** What d3-geo draws for a region: an area, or a line or a point where the region has no area. */
export function toGeoJson(region: Region): Geometry {
  let geometry = known.get(region)
  if (!geometry) {
    geometry = made(region)
    known.set(region, geometry)
  }
  return geometry
}

function made(region: Region): Geometry {
  switch (region.kind) {
    case 'circle':
      return circle(region)
    case 'polygon':
      return { type: 'Polygon', coordinates: polygonRings(region) }
    case 'range':
      return range(region)
    case 'union':
      return { type: 'GeometryCollection', geometries: region.parts.map((part) => toGeoJson(part) as never) }
  }
}

/** The line around an area: an area's own outline would also be drawn along the edge of the map, where it is cut. */
export function outlineOf(geometry: Geometry): Geometry {
  if (geometry.type === 'Polygon') return { type: 'MultiLineString', coordinates: geometry.coordinates }
  if (geometry.type !== 'GeometryCollection') return geometry
  return { type: 'GeometryCollection', geometries: geometry.geometries.map((part) => outlineOf(part) as never) }
}

function circle({ ra, dec, radius }: Circle): Geometry {
  if (radius === 0) return { type: 'Point', coordinates: [ra, dec] }
  if (radius >= 180) return { type: 'Sphere' }
  return geoCircle().center([ra, dec]).radius(radius).precision(STEP)()
}

/** A closed ring around the smaller side of its line. */
function normaliseRing(vertices: readonly Position[]): Line {
  const ring = vertices.map(([ra, dec]): [number, number] => [ra, dec])
  const first = ring[0]
  if (first) ring.push([...first])
  return geoArea({ type: 'Polygon', coordinates: [ring] }) > 2 * Math.PI ? ring.reverse() : ring
}

function polygonRings(polygon: Polygon): Line[] {
  return [normaliseRing(polygon.vertices), ...polygon.holes.map((hole) => normaliseRing(hole).reverse())]
}

function range(region: Range): Geometry {
  const { ra1, dec1, dec2 } = region
  const width = widthOf(region)
  if (dec1 === dec2) return parallelOf(region, width)
  if (width === 0) return { type: 'LineString', coordinates: meridian(ra1, dec1, dec2) }
  if (width >= 360) return zone(dec1, dec2)
  // Up the western edge, east along the upper parallel, down the eastern, back along the lower; a pole is one point.
  const ring = [
    ...meridian(ra1, dec1, dec2),
    ...parallel(ra1, width, dec2).slice(1),
    ...meridian(ra1 + width, dec2, dec1).slice(1),
    ...parallel(ra1, width, dec1).reverse().slice(1),
  ]
  const [first] = ring as [[number, number]]
  return { type: 'Polygon', coordinates: [[...ring, [...first]]] }
}

function parallelOf({ ra1, dec1 }: Range, width: number): Geometry {
  if (width === 0 || Math.abs(dec1) === 90) return { type: 'Point', coordinates: [ra1, dec1] }
  return { type: 'LineString', coordinates: parallel(ra1, width, dec1) }
}

/** All around the sky between two parallels. */
function zone(dec1: number, dec2: number): Geometry {
  const rings: Line[] = []
  if (dec2 < 90) rings.push(parallel(0, 360, dec2))
  if (dec1 > -90) rings.push(parallel(0, 360, dec1).reverse())
  return rings.length === 0 ? { type: 'Sphere' } : { type: 'Polygon', coordinates: rings }
}

/** Along a parallel eastwards, which is no great circle and so takes points close together. */
function parallel(ra: number, width: number, dec: number): Line {
  if (Math.abs(dec) === 90) return [[ra, dec]]
  const steps = Math.max(1, Math.ceil(width / STEP))
  return Array.from({ length: steps + 1 }, (_, step) => [ra + (width * step) / steps, dec])
}

/** Along a meridian; a step of less than half the sky leaves no doubt which way. */
function meridian(ra: number, from: number, to: number): Line {
  const steps = Math.max(1, Math.ceil(Math.abs(to - from) / 45))
  return Array.from({ length: steps + 1 }, (_, step) => [ra, from + ((to - from) * step) / steps])
}
