import { describe, expect, it } from 'vitest'
import {
  formatDec,
  formatDegrees,
  formatDuration,
  formatLocal,
  formatRa,
  formatRelative,
  formatUtc,
  toGalactic,
} from '@/ui/format'

const NOON = Date.parse('2026-11-21T12:00:00Z')

describe('times', () => {
  it('are written in UTC to the minute', () => {
    expect(formatUtc('2026-11-21T03:14:59.9Z')).toBe('2026-11-21 03:14 UTC')
    expect(formatUtc(NOON)).toBe('2026-11-21 12:00 UTC')
    expect(formatUtc('2026-11-21T01:30:00+02:00')).toBe('2026-11-20 23:30 UTC')
  })

  it('that nobody gave are unknown', () => {
    expect(formatUtc('soon')).toBe('time unknown')
    expect(formatRelative(Number.NaN, NOON)).toBe('time unknown')
    expect(formatLocal('')).toBe('time unknown')
  })

  it('are written in another zone with its name', () => {
    expect(formatLocal(NOON, 'America/Santiago')).toBe('2026-11-21 09:00 GMT-3')
    expect(formatLocal(NOON, 'UTC')).toBe('2026-11-21 12:00 UTC')
  })

  it.each([
    [0, 'just now'],
    [-29, 'just now'],
    [29, 'in a moment'],
    [-31, '1 min ago'],
    [-5 * 60, '5 min ago'],
    [-49 * 60, '49 min ago'],
    [-55 * 60, '1 h ago'],
    [-119 * 60, '1 h ago'],
    [-2 * 3600, '2 h ago'],
    [-47 * 3600, '47 h ago'],
    [-48 * 3600, '2 d ago'],
    [2 * 3600 + 5, 'in 2 h'],
    [40 * 86_400, 'in 40 d'],
  ])('%i s from now read “%s”', (seconds, words) => {
    expect(formatRelative(NOON + seconds * 1000, NOON)).toBe(words)
  })

  it('read alike whether given as text or as a number', () => {
    expect(formatRelative('2026-11-21T11:55:00Z', NOON)).toBe('5 min ago')
  })
})

describe('spans', () => {
  it.each([
    [0, '0 s'],
    [45, '45 s'],
    [119, '119 s'],
    [120, '2 min'],
    [3599, '1 h'],
    [4200, '1 h 10 min'],
    [7200, '2 h'],
    [86_400, '1 d'],
    [86_400 * 2 + 3 * 3600, '2 d 3 h'],
    [-4200, '−1 h 10 min'],
    [Number.NaN, 'unknown'],
  ])('of %d s read “%s”', (seconds, words) => {
    expect(formatDuration(seconds)).toBe(words)
  })
})

describe('coordinates', () => {
  it('of M 31 are those of the catalogues', () => {
    expect(formatRa(10.68471)).toBe('00h 42m 44.33s')
    expect(formatDec(41.26875)).toBe('+41° 16′ 07.5″')
  })

  it('carry when they round up, and never read 60', () => {
    expect(formatRa(14.9999999)).toBe('01h 00m 00.00s')
    expect(formatRa(359.9999999)).toBe('00h 00m 00.00s')
    expect(formatDec(-59.9999999)).toBe('−60° 00′ 00.0″')
    expect(formatDec(89.99999999)).toBe('+90° 00′ 00.0″')
  })

  it('turn right ascensions outside the circle back into it', () => {
    expect(formatRa(-15)).toBe('23h 00m 00.00s')
    expect(formatRa(375)).toBe('01h 00m 00.00s')
  })

  it('keep the sign of declinations between 0 and −1', () => {
    expect(formatDec(-0.5)).toBe('−00° 30′ 00.0″')
    expect(formatDec(-0.000001)).toBe('+00° 00′ 00.0″')
  })

  it('in degrees have four places and no minus zero', () => {
    expect(formatDegrees(83.6332083)).toBe('83.6332')
    expect(formatDegrees(22.01446, true)).toBe('+22.0145')
    expect(formatDegrees(-0.00001, true)).toBe('+0.0000')
    expect(formatDegrees(-5.5)).toBe('−5.5000')
  })

  it('turn galactic at the pole, the centre and a star near the plane', () => {
    expect(toGalactic(192.85948, 27.12825).b).toBeCloseTo(90, 3)
    const centre = toGalactic(266.40499, -28.93617)
    expect(Math.min(centre.l, 360 - centre.l)).toBeCloseTo(0, 3)
    expect(centre.b).toBeCloseTo(0, 3)
    const crab = toGalactic(83.63321, 22.01446)
    expect(crab.l).toBeCloseTo(184.5575, 3)
    expect(crab.b).toBeCloseTo(-5.7843, 3)
  })
})
