/** Turning positions between ICRS, the equator of date, and Galactic coordinates. Angles are degrees. */
import { cos, dot, positionOf, sin, towards } from './sphere'
import type { Position, Vector } from './sphere'

type Matrix = readonly [Vector, Vector, Vector]

/** Rows of the rotation from ICRS to Galactic axes (Hipparcos and Tycho Catalogues, ESA SP-1200, vol. 1, eq. 1.5.11). */
const GALACTIC: Matrix = [
  [-0.0548755604, -0.8734370902, -0.4838350155],
  [0.4941094279, -0.44482963, 0.7469822445],
  [-0.867666149, -0.1980763734, 0.4559837762],
]

const turnedBy = (matrix: Matrix, at: Position): Position => {
  const from = towards(at)
  return positionOf([dot(matrix[0], from), dot(matrix[1], from), dot(matrix[2], from)])
}

const reversed = ([a, b, c]: Matrix): Matrix => [
  [a[0], b[0], c[0]],
  [a[1], b[1], c[1]],
  [a[2], b[2], c[2]],
]

const FROM_GALACTIC = reversed(GALACTIC)

/** Galactic longitude and latitude of an ICRS position. */
export const toGalactic = (at: Position): Position => turnedBy(GALACTIC, at)

/** ICRS position of a Galactic longitude and latitude. */
export const fromGalactic = (at: Position): Position => turnedBy(FROM_GALACTIC, at)

/**
 * The rotation from the mean equator and equinox of J2000 to those of date, by the angles of the IAU 1976 precession
 * (Lieske 1979; Meeus, Astronomical Algorithms, 2nd ed., eq. 21.2). `centuries` are Julian ones since J2000.
 */
function precession(centuries: number): Matrix {
  const t = centuries
  const zeta = (2306.2181 * t + 0.30188 * t * t + 0.017998 * t ** 3) / 3600
  const z = (2306.2181 * t + 1.09468 * t * t + 0.018203 * t ** 3) / 3600
  const theta = (2004.3109 * t - 0.42665 * t * t - 0.041833 * t ** 3) / 3600
  return [
    [
      cos(z) * cos(theta) * cos(zeta) - sin(z) * sin(zeta),
      -cos(z) * cos(theta) * sin(zeta) - sin(z) * cos(zeta),
      -cos(z) * sin(theta),
    ],
    [
      sin(z) * cos(theta) * cos(zeta) + cos(z) * sin(zeta),
      -sin(z) * cos(theta) * sin(zeta) + cos(z) * cos(zeta),
      -sin(z) * sin(theta),
    ],
    [sin(theta) * cos(zeta), -sin(theta) * sin(zeta), cos(theta)],
  ]
}

/** A position on the mean equator of date from an ICRS one. */
export const toDate = (at: Position, centuries: number): Position => turnedBy(precession(centuries), at)

/** An ICRS position from one on the mean equator of date. */
export const fromDate = (at: Position, centuries: number): Position => turnedBy(reversed(precession(centuries)), at)
