/** Polygons of great circle arcs: which side is meant, what lies inside, and whether the line is a proper one. */
import { angle, cross, direction, dot, plus, positionOf, scaled, towards } from './sphere'
import type { Position, Vector } from './sphere'

/** A ring and its holes, each a list of vertices in degrees without the first repeated. */
interface Rings {
  vertices: readonly Position[]
  holes: readonly (readonly Position[])[]
}

/** Degrees within which a point counts as on the line. */
const TOUCH = 1e-9
/** Degrees: a polygon within a circle of this radius leaves no doubt which side is the smaller. */
const HALF_SKY = 90 - 1e-4
/** Most vertices the API takes in a polygon asked for. */
const MOST_VERTICES = 200

/** A closed line with a direction of which we know on which side it lies. */
interface Ring {
  corners: readonly Vector[]
  known: Vector
  isKnownInside: boolean
}

const rings = new WeakMap<readonly Position[], Ring>()

/** Whether a direction is inside the polygon or on its line. */
export function insidePolygon(polygon: Rings, point: Vector): boolean {
  const isIn = insideRing(polygon.vertices, point) || isOnLine(polygon.vertices, point)
  return isIn && !polygon.holes.some((hole) => insideRing(hole, point) && !isOnLine(hole, point))
}

/** A circle around the outline; the whole sky where its corners do not fit into half of it. */
export function polygonBounds(polygon: Rings): { ra: number; dec: number; radius: number } {
  const { centre, radius } = circleAround(polygon.vertices.map(towards))
  const [ra, dec] = positionOf(centre)
  return { ra, dec, radius: radius < HALF_SKY ? radius : 180 }
}

/** Why the vertices are no polygon that can be asked for, as a word for each reason; null when they are. */
export function polygonFault(vertices: readonly Position[]): 'few' | 'many' | 'equal' | 'crossing' | null {
  if (vertices.length < 3) return 'few'
  if (vertices.length > MOST_VERTICES) return 'many'
  const corners = vertices.map(towards)
  const next = (index: number) => corners[(index + 1) % corners.length] as Vector
  const isUnclear = (corner: Vector, index: number) => {
    const apart = angle(corner, next(index))
    return apart < 1e-7 || apart > 180 - 1e-7
  }
  if (corners.some(isUnclear)) return 'equal'
  const doCross = corners.some((corner, one) =>
    corners.some((other, two) => {
      const areNeighbours = two <= one + 1 || (one === 0 && two === corners.length - 1)
      return !areNeighbours && meet(corner, next(one), other, next(two))
    }),
  )
  return doCross ? 'crossing' : null
}

/** Whether two arcs have a point inside both. */
function meet(a: Vector, b: Vector, c: Vector, d: Vector): boolean {
  const [one, other] = [cross(a, b), cross(c, d)]
  const sides = [dot(one, c) > 0, dot(one, d) > 0, dot(other, a) > 0, dot(other, b) > 0]
  if (sides[0] === sides[1] || sides[2] === sides[3]) return false
  const line = cross(one, other)
  const isBetween = (from: Vector, to: Vector, sign: number) =>
    dot(cross(cross(from, to), from), line) * sign > 0 && dot(cross(to, cross(from, to)), line) * sign > 0
  return [1, -1].some((sign) => isBetween(a, b, sign) && isBetween(c, d, sign))
}

/**
 * Counts how often the line crosses the way from a point to the direction we know, and to which side: what the line
 * winds around is inside, so an outline that crosses itself holds all of its parts.
 */
function insideRing(vertices: readonly Position[], point: Vector): boolean {
  const { corners, known, isKnownInside } = ringOf(vertices)
  if (angle(point, known) < TOUCH) return isKnownInside
  const pole = direction(cross(plus(point, known, -1), plus(point, known))) ?? anyPerpendicular(point)
  const [ahead, back] = [cross(pole, point), cross(known, pole)]
  let winds = 0
  corners.forEach((from, index) => {
    const to = corners[(index + 1) % corners.length] as Vector
    const [here, there] = [dot(pole, from), dot(pole, to)]
    if (here >= 0 === there >= 0) return
    const crossing = plus(scaled(from, Math.abs(there)), to, Math.abs(here))
    if (dot(ahead, crossing) > 0 && dot(back, crossing) > 0) winds += here < 0 ? 1 : -1
  })
  return (winds === 0) === isKnownInside
}

function ringOf(vertices: readonly Position[]): Ring {
  let ring = rings.get(vertices)
  if (!ring) {
    ring = makeRing(vertices.map(towards))
    rings.set(vertices, ring)
  }
  return ring
}

function makeRing(corners: Vector[]): Ring {
  const { centre, radius } = circleAround(corners)
  // Less than half the sky around the centre: the other end of the sky is outside.
  if (radius < HALF_SKY) return { corners, known: scaled(centre, -1), isKnownInside: false }
  return { corners, known: besideLongestEdge(corners), isKnownInside: true }
}

/**
 * A direction just inside the smaller side of a simple line of any size. By the sum of its turns (Gauss and Bonnet: a
 * full turn less the area to the left) we know which side that is.
 */
function besideLongestEdge(corners: Vector[]): Vector {
  const at = (index: number) => corners[index % corners.length] as Vector
  const poles = corners.map((corner, index) => direction(cross(corner, at(index + 1))) ?? anyPerpendicular(corner))
  let turns = 0
  let longest = { size: -1, middle: at(0), pole: poles[0] as Vector }
  poles.forEach((pole, index) => {
    const following = poles[(index + 1) % poles.length] as Vector
    turns += Math.atan2(dot(cross(pole, following), at(index + 1)), dot(pole, following))
    const size = angle(at(index), at(index + 1))
    if (size > longest.size) longest = { size, middle: plus(at(index), at(index + 1)), pole }
  })
  const middle = direction(longest.middle) ?? at(0)
  return direction(plus(middle, longest.pole, 1e-4 * Math.sign(turns || 1))) ?? middle
}

function isOnLine(vertices: readonly Position[], point: Vector): boolean {
  const { corners } = ringOf(vertices)
  return corners.some((from, index) => {
    const to = corners[(index + 1) % corners.length] as Vector
    const pole = direction(cross(from, to))
    if (!pole || Math.abs(dot(pole, point)) > (TOUCH * Math.PI) / 180) return angle(from, point) <= TOUCH
    return dot(cross(pole, from), point) >= -1e-12 && dot(cross(to, pole), point) >= -1e-12
  })
}

function anyPerpendicular(a: Vector): Vector {
  const axis: Vector = Math.abs(a[2]) < 0.9 ? [0, 0, 1] : [1, 0, 0]
  return direction(cross(a, axis)) ?? [1, 0, 0]
}

/** Centre and radius (degrees) of a circle around all corners, not much larger than it must be. */
function circleAround(corners: readonly Vector[]): { centre: Vector; radius: number } {
  const first = corners[0]
  if (!first) return { centre: [0, 0, 1], radius: 180 }
  const farthest = (centre: Vector) =>
    corners.reduce((far, corner) => (dot(centre, corner) < dot(centre, far) ? corner : far), first)
  const sum = corners.reduce<Vector>((total, corner) => plus(total, corner), [0, 0, 0])
  let centre = direction(sum) ?? first
  let trial = centre
  // Walking towards the farthest corner in ever shorter steps ends near the best centre.
  for (let step = 1; step <= 16; step += 1) {
    const far = farthest(trial)
    trial = direction(plus(trial, plus(far, trial, -1), 1 / (step + 1))) ?? trial
    if (dot(trial, farthest(trial)) > dot(centre, farthest(centre))) centre = trial
  }
  return { centre, radius: angle(centre, farthest(centre)) + TOUCH }
}
