/**
 * Where Sun and Moon stand, sidereal time and altitudes, as exactly as a map and a plot need: the Sun to 0.01°, the
 * Moon to 0.1°. Times are milliseconds UTC since 1970, angles degrees, east and north positive; refraction is left out.
 * Meeus is: Jean Meeus, Astronomical Algorithms, 2nd edition, 1998.
 */
import { fromDate, toDate } from './frames'
import { cos, inDegrees, sin, turned } from './sphere'
import type { Position } from './sphere'

const J2000 = Date.UTC(2000, 0, 1, 12)
const DAY = 86_400_000
const CENTURY = 36_525 * DAY
/** TT − UTC since 2017, ms (IERS Bulletin C); the error in other years is below what is promised. */
const TT_AHEAD = 69_184
const EARTH_RADIUS_KM = 6378.14

/** A place in the sky, ICRS degrees. */
export interface Place {
  ra: number
  dec: number
}

/** The Moon as seen from the centre of the Earth. */
export interface Moon extends Place {
  /** Distance of the centres, km. */
  distance: number
  /** Illuminated part of the disk: 0 new, 1 full. */
  illumination: number
}

/** Julian centuries (TT) since J2000. */
const centuries = (ms: number): number => (ms + TT_AHEAD - J2000) / CENTURY

/** Mean obliquity of the ecliptic (Meeus, eq. 22.2). */
const obliquity = (t: number): number => 23.4392911 - 0.0130042 * t

function equatorial(longitude: number, latitude: number, t: number): Position {
  const tilt = obliquity(t)
  const y = sin(longitude) * cos(tilt) - Math.tan((latitude * Math.PI) / 180) * sin(tilt)
  const ra = turned(inDegrees(Math.atan2(y, cos(longitude))))
  return [ra, inDegrees(Math.asin(sin(latitude) * cos(tilt) + cos(latitude) * sin(tilt) * sin(longitude)))]
}

/** Geometric longitude of the Sun on the ecliptic of date, less aberration (Meeus, chapter 25). */
function sunLongitude(t: number): number {
  const anomaly = 357.52911 + 35_999.05029 * t - 0.0001537 * t * t
  const centre =
    (1.914602 - 0.004817 * t - 0.000014 * t * t) * sin(anomaly) +
    (0.019993 - 0.000101 * t) * sin(2 * anomaly) +
    0.000289 * sin(3 * anomaly)
  return 280.46646 + 36_000.76983 * t + 0.0003032 * t * t + centre - 0.00569
}

const sunOfDate = (t: number): Position => equatorial(sunLongitude(t), 0, t)

/** The Sun's centre, to 0.01°. */
export function sunPosition(ms: number): Place {
  const t = centuries(ms)
  const [ra, dec] = fromDate(sunOfDate(t), t)
  return { ra, dec }
}

/** Multiples of D, M, M', F and the terms of longitude (10⁻⁶ degrees) and distance (m): Meeus, table 47.A, the largest. */
const LONGITUDE_AND_DISTANCE = [
  [0, 0, 1, 0, 6_288_774, -20_905_355],
  [2, 0, -1, 0, 1_274_027, -3_699_111],
  [2, 0, 0, 0, 658_314, -2_955_968],
  [0, 0, 2, 0, 213_618, -569_925],
  [0, 1, 0, 0, -185_116, 48_888],
  [0, 0, 0, 2, -114_332, -3_149],
  [2, 0, -2, 0, 58_793, 246_158],
  [2, -1, -1, 0, 57_066, -152_138],
  [2, 0, 1, 0, 53_322, -170_733],
  [2, -1, 0, 0, 45_758, -204_586],
  [0, 1, -1, 0, -40_923, -129_620],
  [1, 0, 0, 0, -34_720, 108_743],
  [0, 1, 1, 0, -30_383, 104_755],
  [2, 0, 0, -2, 15_327, 10_321],
  [0, 0, 1, 2, -12_528, 0],
  [0, 0, 1, -2, 10_980, 79_661],
  [4, 0, -1, 0, 10_675, -34_782],
  [0, 0, 3, 0, 10_034, -23_210],
  [4, 0, -2, 0, 8_548, -21_636],
] as const

/** The same for latitude (10⁻⁶ degrees): Meeus, table 47.B. */
const LATITUDE = [
  [0, 0, 0, 1, 5_128_122],
  [0, 0, 1, 1, 280_602],
  [0, 0, 1, -1, 277_693],
  [2, 0, 0, -1, 173_237],
  [2, 0, -1, 1, 55_413],
  [2, 0, -1, -1, 46_271],
  [2, 0, 0, 1, 32_573],
  [0, 0, 2, 1, 17_198],
  [2, 0, 1, -1, 9_266],
  [0, 0, 2, -1, 8_822],
] as const

/** Geocentric longitude and latitude of date, degrees, and distance, km (Meeus, chapter 47). */
function moonOfDate(t: number): { longitude: number; latitude: number; distance: number } {
  const elongation = 297.8501921 + 445_267.1114034 * t
  const sunAnomaly = 357.5291092 + 35_999.0502909 * t
  const anomaly = 134.9633964 + 477_198.8675055 * t + 0.0087414 * t * t
  const argument = 93.272095 + 483_202.0175233 * t - 0.0036539 * t * t
  const eccentricity = 1 - 0.002516 * t
  const phase = (d: number, m: number, mm: number, f: number) =>
    d * elongation + m * sunAnomaly + mm * anomaly + f * argument
  let longitude = 218.3164477 + 481_267.88123421 * t - 0.0015786 * t * t
  let distance = 385_000.56
  for (const [d, m, mm, f, along, away] of LONGITUDE_AND_DISTANCE) {
    const damped = m === 0 ? 1 : eccentricity
    longitude += along * 1e-6 * damped * sin(phase(d, m, mm, f))
    distance += away * 1e-3 * damped * cos(phase(d, m, mm, f))
  }
  let latitude = 0
  for (const [d, m, mm, f, up] of LATITUDE) latitude += up * 1e-6 * sin(phase(d, m, mm, f))
  return { longitude, latitude, distance }
}

/** The Moon's centre seen from the centre of the Earth, to 0.1°; from a site it stands up to 1° lower. */
export function moonPosition(ms: number): Moon {
  const t = centuries(ms)
  const { longitude, latitude, distance } = moonOfDate(t)
  const [ra, dec] = fromDate(equatorial(longitude, latitude, t), t)
  const elongation = inDegrees(Math.acos(cos(latitude) * cos(longitude - sunLongitude(t))))
  // The Sun is so far that the phase angle is the rest of the elongation, but for 0.15°.
  return { ra, dec, distance, illumination: (1 - cos(elongation)) / 2 }
}

/** Mean sidereal time, hours, 0 to 24, at an east longitude (Meeus, eq. 12.4; UT1 taken as UTC). */
export function siderealTime(ms: number, longitude: number): number {
  const days = (ms - J2000) / DAY
  const t = days / 36_525
  const greenwich = 280.46061837 + 360.98564736629 * days + 0.000387933 * t * t
  return turned(greenwich + longitude) / 15
}

function altitudeOfDate([ra, dec]: Position, latitude: number, longitude: number, ms: number): number {
  const hourAngle = siderealTime(ms, longitude) * 15 - ra
  const sine = sin(latitude) * sin(dec) + cos(latitude) * cos(dec) * cos(hourAngle)
  return inDegrees(Math.asin(Math.max(-1, Math.min(1, sine))))
}

/** Altitude of an ICRS position above the mathematical horizon, precession included. */
export function altitude(ra: number, dec: number, latitude: number, longitude: number, ms: number): number {
  return altitudeOfDate(toDate([ra, dec], centuries(ms)), latitude, longitude, ms)
}

/** Altitude of the Sun's centre. */
export const sunAltitude = (latitude: number, longitude: number, ms: number): number =>
  altitudeOfDate(sunOfDate(centuries(ms)), latitude, longitude, ms)

/** Altitude of the Moon's centre as the site sees it: parallax taken off, which is up to 1°. */
export function moonAltitude(latitude: number, longitude: number, ms: number): number {
  const t = centuries(ms)
  const moon = moonOfDate(t)
  const above = altitudeOfDate(equatorial(moon.longitude, moon.latitude, t), latitude, longitude, ms)
  const share = EARTH_RADIUS_KM / moon.distance
  return inDegrees(Math.atan2(sin(above) - share, cos(above)))
}

/** The ICRS position in the zenith of a site. */
export function zenith(latitude: number, longitude: number, ms: number): Place {
  const [ra, dec] = fromDate([siderealTime(ms, longitude) * 15, latitude], centuries(ms))
  return { ra, dec }
}
