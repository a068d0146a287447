/** Directions on the sky as unit vectors, and the plain questions about them. Angles are degrees. */

/** A position, degrees: right ascension (or longitude) and declination (or latitude). */
export type Position = readonly [ra: number, dec: number]

/** A direction as x, y, z; x points to 0° 0°, z to the north pole. */
export type Vector = readonly [x: number, y: number, z: number]

const DEGREE = Math.PI / 180

/** The sine of an angle in degrees. */
export const sin = (degrees: number): number => Math.sin(degrees * DEGREE)

/** The cosine of an angle in degrees. */
export const cos = (degrees: number): number => Math.cos(degrees * DEGREE)

/** Radians as degrees. */
export const inDegrees = (radians: number): number => radians / DEGREE

/** An angle brought to 0 ≤ angle < 360 degrees. */
export function turned(degrees: number): number {
  const rest = degrees % 360
  return rest < 0 ? (rest + 360) % 360 : rest + 0
}

/** An angle brought to −180 ≤ angle < 180 degrees. */
export const signed = (degrees: number): number => turned(degrees + 180) - 180

/** The unit vector towards a position. */
export function towards([ra, dec]: Position): Vector {
  const across = cos(dec)
  return [across * cos(ra), across * sin(ra), sin(dec)]
}

/** The position a vector of any length points to; 0 ≤ ra < 360. */
export function positionOf([x, y, z]: Vector): Position {
  return [turned(inDegrees(Math.atan2(y, x))), inDegrees(Math.atan2(z, Math.hypot(x, y)))]
}

export const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]

export const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
]

/** `a + b · times`. */
export const plus = (a: Vector, b: Vector, times = 1): Vector => [
  a[0] + b[0] * times,
  a[1] + b[1] * times,
  a[2] + b[2] * times,
]

/** A vector `times` as long. */
export const scaled = (a: Vector, times: number): Vector => [a[0] * times, a[1] * times, a[2] * times]

export const length = (a: Vector): number => Math.hypot(a[0], a[1], a[2])

/** The unit vector of the same direction; none for one of no length. */
export function direction(a: Vector): Vector | null {
  const size = length(a)
  return size > 1e-12 ? scaled(a, 1 / size) : null
}

/** Degrees between two directions; exact for small and for opposite ones too. */
export const angle = (a: Vector, b: Vector): number => inDegrees(Math.atan2(length(cross(a, b)), dot(a, b)))

/** Degrees between two positions. */
export const separation = (a: Position, b: Position): number => angle(towards(a), towards(b))

/** Direction from one position to another, degrees from north through east; 0 ≤ angle < 360. */
export function bearing(from: Position, to: Position): number {
  const apart = to[0] - from[0]
  const east = cos(to[1]) * sin(apart)
  const north = cos(from[1]) * sin(to[1]) - sin(from[1]) * cos(to[1]) * cos(apart)
  return turned(inDegrees(Math.atan2(east, north)))
}

/** Where one arrives by going `distance` degrees along a great circle in the direction `towardsAngle`. */
export function destination(from: Position, towardsAngle: number, distance: number): Position {
  const up = towards(from)
  const north: Vector = [-sin(from[1]) * cos(from[0]), -sin(from[1]) * sin(from[0]), cos(from[1])]
  const east: Vector = [-sin(from[0]), cos(from[0]), 0]
  const ahead = plus(scaled(north, cos(towardsAngle)), east, sin(towardsAngle))
  return positionOf(plus(scaled(up, cos(distance)), ahead, sin(distance)))
}

/** Whether the numbers are a position: right ascension 0 to 360, declination −90 to 90 degrees. */
export const isPosition = (ra: number, dec: number): boolean => ra >= 0 && ra <= 360 && dec >= -90 && dec <= 90
