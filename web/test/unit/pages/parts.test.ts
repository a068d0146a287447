import { describe, expect, test } from 'vitest'
import type { Facility } from '@/api/types'
import { nearest } from '@/pages/parts/candidates'
import { errorInWords } from '@/pages/parts/errorWords'
import { groupFacilities, isFound, isTold } from '@/pages/parts/facilityGroups'
import { clockAt } from '@/pages/parts/localTime'
import { isMoving, placesOf } from '@/pages/parts/positions'
import { radiusFrom, radiusInWords } from '@/pages/parts/radius'
import { foldedName, parts } from '@/pages/parts/record'
import { nightWindow } from '@/pages/parts/useFacility'
import { windowOf } from '@/pages/parts/useField'
import { exposureOf } from '@/pages/parts/useProgramme'
import { missing } from '@/pages/parts/useSpan'
import { made, minutes, NOON, source } from '../timeline/made'

const HOUR = 3_600_000

describe('shares of the record', () => {
  test('are of the exposure time where any is stated', () => {
    const shares = parts([
      { name: 'NIRCAM', activities: 1, exposure_s: 300 },
      { name: 'MIRI', activities: 8, exposure_s: 100 },
      { name: 'FGS', activities: 1, exposure_s: null },
    ])
    expect(shares.map(({ part, byExposure }) => [part, byExposure])).toEqual([[0.75, true], [0.25, true], [0, true]])
  })

  test('are of the number of activities where no exposure time is', () => {
    const shares = parts([{ name: 'XRT', activities: 3, exposure_s: null }, { name: null, activities: 1 }])
    expect(shares.map(({ part, byExposure }) => [part, byExposure])).toEqual([[0.75, false], [0.25, false]])
  })

  test('of nothing are nothing', () => {
    expect(parts([])).toEqual([])
    expect(parts([{ name: 'XRT', activities: 0, exposure_s: null }])[0]?.part).toBe(0)
  })

  test('exposure times are summed as stated, and unknown where none is', () => {
    expect(exposureOf([made({ t_exptime: 60 }), made({ t_exptime: null }), made({ t_exptime: 30.5 })])).toBe(90.5)
    expect(exposureOf([made(), made({ t_exptime: null })])).toBeNull()
  })
})

describe('where a name points', () => {
  const at = (s_ra: number, s_dec: number) => made({ s_ra, s_dec })

  test('pointings that lie together are one place, at the position named most', () => {
    expect(placesOf([at(10.68, 41.27), at(10.68, 41.27), at(11.2, 41.9), made()])).toEqual([{ ra: 10.68, dec: 41.27, count: 3 }])
  })

  test('across the meridian of right ascension 0 too', () => {
    expect(placesOf([at(359.8, 10), at(0.2, 10), at(0.2, 10)])).toEqual([{ ra: 0.2, dec: 10, count: 3 }])
  })

  test('pointings that lie apart are places of their own, the most observed first', () => {
    expect(placesOf([at(10, 0), at(200, 40), at(200, 40)]).map(({ count }) => count)).toEqual([2, 1])
  })

  test('what a source follows among the stars moves', () => {
    expect(isMoving([made(), made({ tracking_type: 'Solar-system-object-tracking' })])).toBe(true)
    expect(isMoving([made({ tracking_type: 'Sidereal' })])).toBe(false)
  })
})

describe('names', () => {
  test('those that begin alike come first, each once', () => {
    expect(nearest('NGC 36', ['M 31', 'NGC-3627', 'NGC 3627', 'NGC 315'])).toEqual(['NGC 3627', 'NGC 315', 'M 31'])
  })

  test('differ not by case, blanks and dashes', () => {
    expect(foldedName('3I_Atlas')).toBe(foldedName('3i atlas'))
  })
})

describe('radii', () => {
  test('come from the address when it says something sensible', () => {
    expect([radiusFrom('2'), radiusFrom('0'), radiusFrom('200'), radiusFrom('wide'), radiusFrom(undefined)]).toEqual([2, 0.25, 0.25, 0.25, 0.25])
  })

  test('are told in minutes of arc while small', () => {
    expect([radiusInWords(0.05), radiusInWords(0.25), radiusInWords(20)]).toEqual(['3′', '0.25°', '20°'])
  })
})

describe('spans of time', () => {
  test('only what is not held yet is asked for', () => {
    const covered = { from: 10, to: 20 }
    expect(missing({ from: 15, to: 30 }, covered)).toEqual({ from: 20, to: 30 })
    expect(missing({ from: 5, to: 15 }, covered)).toEqual({ from: 5, to: 10 })
    expect(missing({ from: 5, to: 30 }, covered)).toEqual({ from: 5, to: 30 })
    expect(missing({ from: 40, to: 50 }, covered)).toEqual({ from: 20, to: 50 })
    expect(missing({ from: 1, to: 2 }, null)).toEqual({ from: 1, to: 2 })
  })

  test('a target is shown with now and all within a week of it', () => {
    const window = windowOf([made({ t_min: minutes(-1440), t_max: minutes(-1380) }), made({ t_min: minutes(60 * 24 * 20), t_max: null })], NOON)
    expect(window?.from).toBeLessThan(NOON - 24 * HOUR)
    expect(window?.to).toBeGreaterThan(NOON + HOUR)
    expect(window?.to).toBeLessThan(NOON + 4 * HOUR)
    expect(windowOf([], NOON)).toBeNull()
  })

  // At longitude 0 on the equator the Sun rises about 06 and sets about 18 UTC.
  test('by day a site without a plan is shown since its last night began', () => {
    const { from, to, isPast } = nightWindow(0, 0, NOON, [source({ horizon: null })])
    expect([isPast, to]).toEqual([true, NOON + HOUR])
    expect(Math.abs(from - (NOON - 19 * HOUR))).toBeLessThan(HOUR)
  })

  test('by day a site with a plan is shown for the coming night', () => {
    const { from, to, isPast } = nightWindow(0, 0, NOON, [source({ horizon: minutes(2000) })])
    expect(isPast).toBe(false)
    expect(Math.abs(from - (NOON + 5 * HOUR))).toBeLessThan(HOUR)
    expect(Math.abs(to - (NOON + 19 * HOUR))).toBeLessThan(HOUR)
  })

  test('at night that night is shown', () => {
    const { from, to, isPast } = nightWindow(0, 0, NOON + 10 * HOUR, [source({ horizon: null })])
    expect([isPast, from < NOON + 10 * HOUR, to > NOON + 10 * HOUR]).toEqual([false, true, true])
  })
})

describe('facilities by place', () => {
  const facility = (name: string, place: string | null, sources: string[] = []): Facility =>
    ({ name, title: `${name} telescope`, aliases: [], groups: [], instruments: [{ name: 'MUSE' }], sources, site: place && { key: place, name: place } }) as unknown as Facility

  test('space comes first, then places a source tells of, then the others', () => {
    const groups = groupFacilities([facility('a', 'apache'), facility('p', 'paranal', ['eso']), facility('q', 'paranal'), facility('j', null, ['jwst'])])
    expect(groups.map(({ key }) => key)).toEqual(['space', 'paranal', 'apache'])
    expect(groups.map(isTold)).toEqual([true, true, false])
  })

  test('are found by parts of names, by place and by instrument', () => {
    const one = facility('ESO-VLT-U4', 'Paranal')
    expect(['vlt u4', 'para', 'muse', 'telescope', ''].map((typed) => isFound(one, typed))).toEqual([true, true, true, true, true])
    expect(isFound(one, 'vlt keck')).toBe(false)
  })
})

test('failures are told in words where their kind is known', () => {
  expect(errorInWords('operation timed out')).toBe('It did not answer in time.')
  expect(errorInWords('HTTP 503 Service Unavailable')).toBe('It answered that it has a fault of its own.')
  expect(errorInWords('the moon was too bright')).toBeNull()
})

test('the clock of a site is in its own zone', () => {
  expect(clockAt(NOON, 'America/Santiago')).toMatch(/^09:00 /)
})
