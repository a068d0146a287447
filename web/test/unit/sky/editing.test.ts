import { describe, expect, it } from 'vitest'
import { areaOf, carried, regionInWords, resized, tidied, withCorner } from '@/sky/edit'
import { faultOf, readCircle, readCorners, readText, typedOf } from '@/sky/fields'
import { boundsOf, parseRegion, regionText, separation } from '@/sky/geometry'
import type { Circle, Polygon, Region } from '@/sky/geometry'
import { handleAt, moved } from '@/sky/holding'
import { chartOf, WHOLE_SKY } from '@/sky/view'

const CIRCLE: Circle = { kind: 'circle', ra: 359, dec: 10, radius: 20 }
const SQUARE = parseRegion('POLYGON 355 -5 5 -5 5 5 355 5') as Polygon
const NONE = { ra: '', dec: '', radius: '', corners: '', text: '' }
const text = (region: Region) => regionText(tidied(region, 1000))

describe('moving a region', () => {
  it('carries a circle through right ascension 0 and over a pole', () => {
    expect(text(carried(CIRCLE, [359, 10], [2, 10]))).toBe('CIRCLE 2 10 20')
    const over = carried({ ...CIRCLE, ra: 0, dec: 85 }, [0, 85], [180, 85])
    expect([over.ra, over.dec]).toEqual([expect.closeTo(180, 6), expect.closeTo(85, 6)])
  })

  it('keeps the shape of a polygon, wherever it goes', () => {
    const there = carried(SQUARE, [0, 0], [40, 70])
    expect(areaOf(there)).toBeCloseTo(areaOf(SQUARE), 6)
    expect(separation([boundsOf(there).ra, boundsOf(there).dec], [40, 70])).toBeLessThan(0.1)
  })

  it('shifts a range within the sky', () => {
    const range = parseRegion('RANGE 350 10 70 85') as Region
    expect(text(carried(range, [0, 0], [20, 20]))).toBe('RANGE 10 30 75 90')
  })

  it('does nothing between equal places', () => {
    expect(carried(CIRCLE, [1, 1], [1, 1])).toEqual(CIRCLE)
  })
})

describe('sizing a region', () => {
  it('makes a circle larger, up to the whole sky', () => {
    expect(resized(CIRCLE, 1.5)).toEqual({ ...CIRCLE, radius: 30 })
    expect(resized({ ...CIRCLE, radius: 170 }, 1.5)).toEqual({ ...CIRCLE, radius: 180 })
  })

  it('makes a polygon larger about its middle, but not beyond half the sky', () => {
    expect(areaOf(resized(SQUARE, 2)) / areaOf(SQUARE)).toBeCloseTo(4, 0)
    expect(resized(SQUARE, 40)).toBe(SQUARE)
  })
})

describe('corners', () => {
  it('come into the nearest edge, so that edges do not cross', () => {
    let polygon: Polygon = { kind: 'polygon', vertices: [], holes: [] }
    for (const at of [[350, 0], [10, 0], [10, 10], [350, 10], [0, -5], [14, 5]] as const) polygon = withCorner(polygon, at)
    expect(faultOf(polygon)).toBeNull()
    expect(polygon.vertices).toHaveLength(6)
  })
})

describe('taking hold on the map', () => {
  const chart = chartOf(WHOLE_SKY, { width: 800, height: 400 })
  const at = (ra: number, dec: number) => chart.project([ra, dec]) ?? ([0, 0] as const)

  it('takes the edge of a circle before its inside', () => {
    expect(handleAt(CIRCLE, chart, at(359, 30), 9)).toEqual({ part: 'edge' })
    expect(handleAt(CIRCLE, chart, at(359, 10), 9)).toEqual({ part: 'inside' })
    expect(handleAt(CIRCLE, chart, at(5, 15), 9)).toEqual({ part: 'inside' })
    expect(handleAt(CIRCLE, chart, at(100, 15), 9)).toBeNull()
  })

  it('takes the nearest corner of a polygon', () => {
    expect(handleAt(SQUARE, chart, at(355, 5), 9)).toEqual({ part: 'corner', index: 3 })
    expect(handleAt(SQUARE, chart, at(0, 0), 9)).toEqual({ part: 'inside' })
  })

  it('moves what is held', () => {
    expect(moved(CIRCLE, { part: 'edge' }, [0, 0], [359, 15])).toEqual({ ...CIRCLE, radius: expect.closeTo(5, 9) as number })
    expect(moved(SQUARE, { part: 'corner', index: 0 }, [0, 0], [350, -9])).toMatchObject({ vertices: [[350, -9], [5, -5], [5, 5], [355, 5]] })
  })
})

describe('typed fields', () => {
  it('read a circle in degrees or sexagesimal', () => {
    const { region, faults } = readCircle({ ...NONE, ra: '05 34 32', dec: '+22:00:52', radius: "30'" })
    expect(faults).toEqual({})
    expect(region && regionText(region)).toBe('CIRCLE 83.633333 22.014444 0.5')
  })

  it('say what is wrong beside the field at fault', () => {
    const { region, faults } = readCircle({ ...NONE, ra: '361', dec: 'north', radius: '' })
    expect(region).toBeNull()
    expect(faults.ra).toMatch(/0 to 360/)
    expect(faults.dec).toMatch(/\+22 00 52/)
    expect(faults.radius).toMatch(/Give a radius/)
  })

  it('are no region and no fault while all are empty', () => {
    expect(readCircle(NONE)).toEqual({ region: null, faults: {} })
    expect(readCorners(' \n')).toEqual({ region: null, faults: {} })
    expect(readText('')).toEqual({ region: null, faults: {} })
  })

  it('read a polygon a corner a line, and name the line at fault', () => {
    const { region } = readCorners('359, -1\n1 -1\n\n0h4m, 1d0m\n')
    expect(region && regionText(region)).toBe('POLYGON 359 -1 1 -1 1 1')
    expect(readCorners('1, 2\n3').faults.corners).toMatch(/^Line 2/)
    expect(readCorners('1, 2\n3, 95').faults.corners).toMatch(/^Line 2: Declination/)
    expect(readCorners('1, 2\n3, 4').faults.corners).toMatch(/at least three/)
    expect(readCorners('10, 0\n12, 2\n12, 0\n10, 2').faults.corners).toMatch(/cross/)
  })

  it('read POS, and nothing that cannot be asked for', () => {
    expect(readText('range 350 10 -5 5').region?.kind).toBe('range')
    for (const unasked of ['M31', 'CIRCLE 1 1 1 CIRCLE 3 3 1', 'POLYGON 1 1 5 1 5 5 NOT (POLYGON 2 2 3 2 3 3)']) {
      expect(readText(unasked).faults.text).toBeDefined()
    }
  })

  it('show what a region is', () => {
    expect(typedOf(CIRCLE)).toEqual({ ...NONE, ra: '359', dec: '10', radius: '20', text: 'CIRCLE 359 10 20' })
    expect(typedOf(SQUARE).corners).toBe('355, -5\n5, -5\n5, 5\n355, 5')
    expect(typedOf(null)).toEqual(NONE)
  })
})

describe('a region in words', () => {
  it('names its kind, size and place', () => {
    expect(regionInWords(CIRCLE)).toBe('Circle of radius 20° around 359° 10°')
    expect(regionInWords(SQUARE)).toBe('Polygon of 4 corners around 0° 0°')
    expect(regionInWords(parseRegion('RANGE 350 10 -5 5') as Region)).toBe('Right ascension 350° to 10°, declination −5° to 5°')
  })

  it('has as many digits as the eye can see', () => {
    expect(regionText(tidied({ kind: 'circle', ra: 83.633333, dec: 22.014444, radius: 2.34567 }, 3))).toBe('CIRCLE 83.63 22.01 2.35')
    expect(regionText(tidied({ kind: 'circle', ra: 359.9999, dec: 0, radius: 0 }, 3))).toBe('CIRCLE 0 0 0.01')
  })
})
