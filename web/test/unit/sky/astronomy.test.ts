import { describe, expect, it } from 'vitest'
import {
  altitude, moonAltitude, moonPosition, siderealTime, sunAltitude, sunPosition, zenith,
} from '@/sky/astronomy'
import { fromGalactic, toGalactic } from '@/sky/frames'
import { separation } from '@/sky/geometry'
import { crossings, darkness, LIMB, nightAt } from '@/sky/nights'

const at = (time: string) => Date.parse(time)
const PARANAL = { latitude: -24.6272, longitude: -70.4043 }

/** Computed with astropy 8 (ERFA and its built-in ephemeris), geocentric GCRS and topocentric without pressure. */
const KNOWN = [
  {
    time: '2026-11-21T15:00:00Z', sun: [236.71, -19.9175], moon: [15.3659, 10.9404], lit: 0.8788, distance: 373_973,
    sidereal: 14.348132, crab: -45.3269, south: 40.1059, sunUp: 69.2631, moonUp: -67.448,
  },
  {
    time: '2026-03-20T00:00:00Z', sun: [359.1013, -0.3898], moon: [9.324, 7.1097], lit: 0.0122, distance: 370_258,
    sidereal: 7.142485, crab: 38.222, south: 8.1684, sunUp: -15.941, moonUp: -10.7534,
  },
  {
    time: '2024-06-20T12:34:56Z', sun: [89.2704, 23.4342], moon: [248.1868, -26.2481], lit: 0.9719, distance: 386_507,
    sidereal: 1.836269, crab: 18.022, south: 9.5179, sunUp: 12.9734, moonUp: -26.3292,
  },
  {
    time: '2030-01-01T00:00:00Z', sun: [281.0718, -23.0452], moon: [235.1587, -22.0577], lit: 0.1298, distance: 364_497,
    sidereal: 2.019099, crab: 19.9558, south: 8.9737, sunUp: -6.0979, moonUp: -37.9429,
  },
  {
    time: '2027-08-02T10:06:00Z', sun: [131.9672, 17.8645], moon: [132.0159, 18.002], lit: 0, distance: 357_387,
    sidereal: 2.124976, crab: 21.1305, south: 8.6492, sunUp: -16.5393, moonUp: -17.6047,
  },
] as const

describe.each(KNOWN)('at $time', (known) => {
  const ms = at(known.time)

  it('the Sun stands where the ephemeris has it, to 0.02°', () => {
    const { ra, dec } = sunPosition(ms)
    expect(separation([ra, dec], known.sun)).toBeLessThan(0.02)
  })

  it('the Moon stands where the ephemeris has it, to 0.1°, as far and as bright', () => {
    const { ra, dec, distance, illumination } = moonPosition(ms)
    expect(separation([ra, dec], known.moon)).toBeLessThan(0.1)
    expect(Math.abs(distance / known.distance - 1)).toBeLessThan(0.003)
    expect(Math.abs(illumination - known.lit)).toBeLessThan(0.005)
  })

  it('sidereal time is right to a second', () => {
    expect(Math.abs(siderealTime(ms, PARANAL.longitude) - known.sidereal) * 3600).toBeLessThan(1)
  })

  it('altitudes at Paranal are right to 0.02°, that of the Moon to 0.1°', () => {
    const { latitude, longitude } = PARANAL
    expect(Math.abs(altitude(83.6331, 22.0145, latitude, longitude, ms) - known.crab)).toBeLessThan(0.02)
    expect(Math.abs(altitude(250, -70, latitude, longitude, ms) - known.south)).toBeLessThan(0.02)
    expect(Math.abs(sunAltitude(latitude, longitude, ms) - known.sunUp)).toBeLessThan(0.02)
    expect(Math.abs(moonAltitude(latitude, longitude, ms) - known.moonUp)).toBeLessThan(0.1)
  })
})

describe('a night', () => {
  const minutesOff = (found: number | null | undefined, known: string) => Math.abs((found ?? 0) - at(known)) / 60_000

  it('begins and ends at Paranal when the ephemeris says', () => {
    const night = nightAt(PARANAL.latitude, PARANAL.longitude, at('2026-11-21T20:00:00Z'))
    expect(minutesOff(night.sunset, '2026-11-21T23:10:08Z')).toBeLessThan(0.5)
    expect(minutesOff(night.dusk, '2026-11-22T00:35:31Z')).toBeLessThan(0.5)
    expect(minutesOff(night.dawn, '2026-11-22T08:19:35Z')).toBeLessThan(0.5)
    expect(minutesOff(night.sunrise, '2026-11-22T09:44:59Z')).toBeLessThan(0.5)
    expect(nightAt(PARANAL.latitude, PARANAL.longitude, at('2026-11-22T05:00:00Z'))).toEqual(night)
    expect(nightAt(PARANAL.latitude, PARANAL.longitude, at('2026-11-22T09:00:00Z'))).toEqual(night)
    expect(nightAt(PARANAL.latitude, PARANAL.longitude, at('2026-11-22T11:00:00Z')).from).toBe(night.from + 86_400_000)
  })

  it('on Maunakea lies in the next day of UTC', () => {
    const night = nightAt(19.8261, -155.4747, at('2026-11-22T01:00:00Z'))
    expect(minutesOff(night.sunset, '2026-11-22T03:41:22Z')).toBeLessThan(0.5)
    expect(minutesOff(night.dawn, '2026-11-22T15:17:52Z')).toBeLessThan(0.5)
  })

  it('does not come in the polar summer', () => {
    const night = nightAt(78.2, 15.6, at('2026-06-21T12:00:00Z'))
    expect([night.sunset, night.dusk, night.dawn, night.sunrise]).toEqual([null, null, null, null])
  })

  it('has the Moon rise and set when the ephemeris says', () => {
    const moon = (ms: number) => moonAltitude(PARANAL.latitude, PARANAL.longitude, ms)
    const [rise, set] = crossings(moon, LIMB, at('2026-11-21T16:00:00Z'), at('2026-11-22T16:00:00Z'))
    expect(rise?.rising).toBe(true)
    expect(minutesOff(rise?.at, '2026-11-21T20:16:14Z')).toBeLessThan(1)
    expect(minutesOff(set?.at, '2026-11-22T07:46:42Z')).toBeLessThan(1)
  })

  it('is as dark as the Sun is low', () => {
    expect([10, -0.8, -0.9, -7, -13, -18.1].map(darkness)).toEqual([
      'day', 'day', 'civil', 'nautical', 'astronomical', 'night',
    ])
  })
})

describe('a place in the sky', () => {
  it('that stands in the zenith has an altitude of 90°', () => {
    const ms = at('2026-11-21T15:00:00Z')
    const { ra, dec } = zenith(19.8, -155.5, ms)
    expect(altitude(ra, dec, 19.8, -155.5, ms)).toBeCloseTo(90, 4)
  })

  it('rises and sets as far apart as the sky turns', () => {
    const height = (ms: number) => altitude(83.6331, 0, 0, 0, ms)
    const found = crossings(height, 0, at('2026-11-21T12:00:00Z'), at('2026-11-22T12:00:00Z'))
    expect(found.map((one) => one.rising)).toEqual([true, false])
    expect(((found[1]?.at ?? 0) - (found[0]?.at ?? 0)) / 3_600_000).toBeCloseTo(11.967, 2)
  })

  it('has Galactic coordinates, there and back', () => {
    for (const [icrs, galactic] of [
      [[266.405, -28.936], [0.00016, 0.00008]],
      [[10.6847, 41.2688], [121.17432, -21.57326]],
      [[0, 90], [122.93193, 27.12825]],
    ] as const) {
      expect(separation(toGalactic(icrs), galactic)).toBeLessThan(1e-4)
      expect(separation(fromGalactic(galactic), icrs)).toBeLessThan(1e-4)
    }
  })
})
