/** Turning the sphere so that a place of a frame comes to the middle of the map, as the three angles d3-geo takes. */
import { fromGalactic, toGalactic } from './frames'
import { cos, inDegrees, positionOf, sin, towards } from './sphere'
import type { Position, Vector } from './sphere'

/** The axes the map is drawn along. */
export type Frame = 'icrs' | 'galactic'

type Matrix = readonly [Vector, Vector, Vector]

/** A position of a frame in ICRS. */
export const toIcrs = (frame: Frame, at: Position): Position => (frame === 'icrs' ? at : fromGalactic(at))

/** An ICRS position in a frame. */
export const fromIcrs = (frame: Frame, at: Position): Position => (frame === 'icrs' ? at : toGalactic(at))

/**
 * Angles for `projection.rotate` that bring `centre` (of the frame, degrees) to the middle, the frame's north up.
 * d3-geo turns by λ about the poles, then by φ and γ about the two axes in the equator's plane; the angles are read off
 * the first row and the last column of the whole turn.
 */
export function rotationTo(frame: Frame, centre: Position): [lambda: number, phi: number, gamma: number] {
  const [ahead, east, north] = axes(frame, centre)
  const flat = Math.hypot(ahead[0], ahead[1])
  const phi = -Math.atan2(ahead[2], flat)
  if (flat < 1e-9) return [0, inDegrees(phi), inDegrees(Math.atan2(north[1], east[1]))]
  return [inDegrees(Math.atan2(-ahead[1], ahead[0])), inDegrees(phi), inDegrees(Math.atan2(-east[2], north[2]))]
}

/** Directions to the centre, to its east and to its north, in ICRS. */
function axes(frame: Frame, [longitude, latitude]: Position): Matrix {
  const east: Vector = [-sin(longitude), cos(longitude), 0]
  const north: Vector = [-sin(latitude) * cos(longitude), -sin(latitude) * sin(longitude), cos(latitude)]
  const turn = (a: Vector): Vector => (frame === 'icrs' ? a : towards(toIcrs(frame, positionOf(a))))
  return [turn(towards([longitude, latitude])), turn(east), turn(north)]
}
