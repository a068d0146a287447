import { geoArea, geoContains } from 'd3-geo'
import { describe, expect, it } from 'vitest'
import { boundsOf, contains, parseRegion, regionText, separation } from '@/sky/geometry'
import type { Region } from '@/sky/geometry'
import { outlineOf, toGeoJson } from '@/sky/geojson'
import { polygonFault } from '@/sky/polygon'
import { bearing, destination } from '@/sky/sphere'

function region(text: string): Region {
  const read = parseRegion(text)
  if (!read) throw new Error(`${text} is a region`)
  return read
}

const holds = (text: string, ra: number, dec: number) => contains(region(text), ra, dec)

describe('a circle', () => {
  it('holds its boundary and nothing beyond', () => {
    expect(holds('CIRCLE 10 0 1', 11, 0)).toBe(true)
    expect(holds('CIRCLE 10 0 1', 11.000001, 0)).toBe(false)
  })

  it('runs through right ascension 0', () => {
    expect(holds('CIRCLE 359.5 0 1', 0.4, 0)).toBe(true)
    expect(holds('CIRCLE 0.5 0 1', 359.6, 0)).toBe(true)
    expect(holds('CIRCLE 0.5 0 1', 359.4, 0)).toBe(false)
  })

  it('about a pole holds all right ascensions', () => {
    for (const ra of [0, 90, 180, 270, 359]) expect(holds('CIRCLE 123 90 5', ra, 86)).toBe(true)
    expect(holds('CIRCLE 123 90 5', 0, 84.9)).toBe(false)
  })

  it('over a pole holds what lies on the other side', () => {
    expect(holds('CIRCLE 10 85 10', 190, 86)).toBe(true)
    expect(holds('CIRCLE 10 85 10', 190, 84)).toBe(false)
  })

  it('may be larger than half the sky, and the whole of it', () => {
    expect(holds('CIRCLE 10 20 120', 100, -20)).toBe(true)
    expect(holds('CIRCLE 10 20 120', 190, -20)).toBe(false)
    expect(holds('CIRCLE 10 20 180', 190, -20)).toBe(true)
  })
})

describe('a polygon', () => {
  it('means the smaller side whichever way it runs', () => {
    for (const text of ['POLYGON 350 -10 10 -10 10 10 350 10', 'POLYGON 350 10 10 10 10 -10 350 -10']) {
      expect(holds(text, 0, 0)).toBe(true)
      expect(holds(text, 355, 9)).toBe(true)
      expect(holds(text, 180, 0)).toBe(false)
      expect(holds(text, 11, 0)).toBe(false)
    }
  })

  it('has great circles for edges', () => {
    // Between two points on the 60th parallel, 60 degrees apart, the great circle passes above 63 degrees.
    expect(holds('POLYGON 0 60 60 60 30 0', 30, 63)).toBe(true)
    expect(holds('POLYGON 0 60 60 60 30 0', 30, 64)).toBe(false)
  })

  it('around a pole holds the pole', () => {
    expect(holds('POLYGON 0 80 120 80 240 80', 17, 90)).toBe(true)
    expect(holds('POLYGON 0 -80 120 -80 240 -80', 17, -90)).toBe(true)
    expect(holds('POLYGON 0 80 120 80 240 80', 17, -90)).toBe(false)
  })

  it('may reach around nearly half the sky', () => {
    const text = 'POLYGON 0 5 90 5 180 5 270 5'
    expect(holds(text, 45, 60)).toBe(true)
    expect(holds(text, 45, 0)).toBe(false)
  })

  it('holds its corners and its edges', () => {
    expect(holds('POLYGON 0 0 10 0 0 10', 5, 0)).toBe(true)
    expect(holds('POLYGON 0 0 10 0 0 10', 0, 10)).toBe(true)
    expect(holds('POLYGON 0 0 10 0 0 10', 5, -0.0001)).toBe(false)
  })

  it('that crosses itself holds both halves', () => {
    const bow = 'POLYGON ICRS 10 0 12 2 12 0 10 2'
    expect(holds(bow, 10.3, 1)).toBe(true)
    expect(holds(bow, 11.7, 1)).toBe(true)
    expect(holds(bow, 11, 1.8)).toBe(false)
  })

  it('does not hold its holes', () => {
    const text = 'POLYGON 10 10 20 10 20 20 10 20 NOT (POLYGON 14 14 16 14 16 16 14 16)'
    expect(holds(text, 12, 12)).toBe(true)
    expect(holds(text, 15, 15)).toBe(false)
  })
})

describe('a range', () => {
  it('may run through right ascension 0', () => {
    expect(holds('RANGE 350 10 -5 5', 0, 0)).toBe(true)
    expect(holds('RANGE 350 10 -5 5', 360, 0)).toBe(true)
    expect(holds('RANGE 350 10 -5 5', 180, 0)).toBe(false)
    expect(holds('RANGE 350 10 -5 5', 11, 0)).toBe(false)
  })

  it('to a pole holds the pole at any right ascension', () => {
    expect(holds('RANGE 10 20 80 90', 200, 90)).toBe(true)
    expect(holds('RANGE 10 20 80 90', 200, 89)).toBe(false)
  })

  it('without ends is the whole sky', () => {
    expect(holds('RANGE -Inf +Inf -Inf Inf', 12, 89)).toBe(true)
    expect(regionText(region('RANGE -Inf +Inf -Inf Inf'))).toBe('RANGE 0 360 -90 90')
  })
})

describe('reading text', () => {
  it('takes the spellings of archives', () => {
    for (const text of [
      'POLYGON ICRS 10 20 11 20 11 21 10 21',
      'Polygon 10 20 11 20 11 21 10 21',
      'POLYGON J2000 10.0 20.0 11.0 20.0 11.0 21.0 10.0 21.0 10.0 20.0',
      'POLYGON GSC1  10  20  11  20  11  21  10  21',
      'polygon fk5 370 20 371 20 371 21 370 21',
      'POLYGON ICRS GEOCENTER SPHER2 10 20 10 20 11 20 11 21 10 21',
      'Union ICRS ( Polygon 10 20 11 20 11 21 10 21 )',
    ]) {
      expect(region(text).kind, text).toBe('polygon')
      expect(holds(text, 10.5, 20.5), text).toBe(true)
    }
    expect(region('CIRCLE ICRS  23.49  60.66 0.625')).toEqual({ kind: 'circle', ra: 23.49, dec: 60.66, radius: 0.625 })
    expect(region('POSITION J2000 145.29 -24.53')).toEqual({ kind: 'circle', ra: 145.29, dec: -24.53, radius: 0 })
  })

  it('takes polygons in a row for a union', () => {
    const chips = region('POLYGON J2000 10 0 11 0 11 1 10 1 POLYGON J2000 20 0 21 0 21 1 20 1 CIRCLE 30 0 1')
    expect(chips.kind === 'union' && chips.parts).toHaveLength(3)
    expect(contains(chips, 20.5, 0.5)).toBe(true)
    const mixed = region('Union ICRS (Polygon 1 1 2 1 2 2 Not (Polygon 1.5 1.1 1.8 1.1 1.8 1.3) Circle 9 9 1)')
    expect(mixed.kind === 'union' && mixed.parts).toHaveLength(2)
    expect(contains(mixed, 1.7, 1.15)).toBe(false)
  })

  it('refuses what is no region', () => {
    for (const text of [
      '', '  ', 'M 31', '10 20 3', 'CIRCLE GALACTIC 1 2 3', 'CIRCLE 1 2', 'CIRCLE 1 2 -3', 'CIRCLE 1 99 3',
      'CIRCLE 1 2 181', 'CIRCLE inf 9 3', 'POSITION 1 2 3', 'POLYGON 1 2 3 4 5', 'POLYGON 1 2 3 94 5 6', 'BOX 1 2 3 4',
      'RANGE 1 2 3', 'RANGE 1 2 4 3', 'RANGE Inf 2 3 4', 'RANGE 1 400 0 1', 'Not (Polygon 1 1 2 1 2 2)',
      'Circle 1 1 3 Not (Circle 1 1 1)', 'Union ICRS ( )',
    ]) {
      expect(parseRegion(text), text).toBeNull()
    }
  })

  it('reads what it writes', () => {
    for (const text of [
      'CIRCLE 83.6 22 2',
      'POLYGON 10 20 11 20 11 21',
      'RANGE 350 10 -5 5',
      'UNION ICRS ( POLYGON 1 1 2 1 2 2 NOT ( POLYGON 1.5 1.1 1.8 1.1 1.8 1.3 ) CIRCLE 9 9 1 )',
    ]) {
      expect(regionText(region(text))).toBe(text)
    }
  })
})

const SKY = 4 * Math.PI
const cap = (degrees: number) => (SKY * (1 - Math.cos((degrees * Math.PI) / 180))) / 2

describe('GeoJSON for d3-geo', () => {
  it('has the area of its circle, however large', () => {
    for (const radius of [0.1, 1, 45, 90, 120, 179]) {
      for (const dec of [0, 60, 90, -90]) {
        expect(geoArea(toGeoJson(region(`CIRCLE 0 ${dec} ${radius}`))) / cap(radius)).toBeCloseTo(1, 2)
      }
    }
    expect(toGeoJson(region('CIRCLE 0 0 180')).type).toBe('Sphere')
  })

  it('never takes the rest of the sky for a polygon', () => {
    for (const text of [
      'POLYGON 350 -10 10 -10 10 10 350 10',
      'POLYGON 350 10 10 10 10 -10 350 -10',
      'POLYGON 0 80 120 80 240 80',
      'POLYGON 240 -80 120 -80 0 -80',
      'POLYGON 0 5 90 5 180 5 270 5',
      'POLYGON 10 0 12 2 12 0 10 2',
    ]) {
      expect(geoArea(toGeoJson(region(text))), text).toBeLessThan(SKY / 2)
    }
  })

  it('agrees with what a region holds', () => {
    const texts = [
      'CIRCLE 359 10 30', 'CIRCLE 0 90 40', 'CIRCLE 40 -80 130', 'POLYGON 350 -10 10 -10 10 10 350 10',
      'POLYGON 0 70 120 70 240 70', 'RANGE 350 10 -50 50', 'RANGE 0 350 -80 80', 'RANGE 10 200 30 90',
      'RANGE 0 360 -30 30', 'RANGE 0 360 -90 30', 'RANGE 340 200 -90 -10',
      'POLYGON 10 10 50 10 50 50 10 50 NOT (POLYGON 20 20 40 20 40 40 20 40)',
    ]
    for (const text of texts) {
      const drawn = toGeoJson(region(text))
      for (let ra = 3.3; ra < 360; ra += 17.1) {
        for (let dec = -87.7; dec < 90; dec += 11.3) {
          expect(geoContains(drawn, [ra, dec]), `${text} at ${ra} ${dec}`).toBe(holds(text, ra, dec))
        }
      }
    }
  })

  it('draws what has no area as a line or a point', () => {
    expect(toGeoJson(region('POSITION 1 2')).type).toBe('Point')
    expect(toGeoJson(region('RANGE 10 10 0 40')).type).toBe('LineString')
    expect(toGeoJson(region('RANGE 350 10 5 5')).type).toBe('LineString')
    expect(toGeoJson(region('RANGE 350 10 90 90')).type).toBe('Point')
  })
})

describe('an outline', () => {
  it('is the lines of the area alone, so that the edge of a map is never taken for it', () => {
    expect(outlineOf(toGeoJson(region('CIRCLE 180 0 30'))).type).toBe('MultiLineString')
    const parts = outlineOf(toGeoJson(region('CIRCLE 0 0 1 POSITION 5 5')))
    expect(parts.type === 'GeometryCollection' && parts.geometries.map(({ type }) => type)).toEqual(['MultiLineString', 'Point'])
    expect(outlineOf(toGeoJson(region('RANGE 0 360 -90 90'))).type).toBe('Sphere')
  })
})

describe('a circle around a region', () => {
  it('holds all of it', () => {
    for (const text of [
      'RANGE 350 10 -5 5', 'RANGE 0 200 -80 20', 'RANGE 10 100 60 80', 'RANGE 0 100 -70 -60', 'RANGE 0 360 -30 40',
      'POLYGON 0 80 120 80 240 80', 'POLYGON 0 5 90 5 180 5 270 5', 'CIRCLE 359 0 1 CIRCLE 3 0 1', 'CIRCLE 0 0 1 CIRCLE 180 0 1',
    ]) {
      const { ra: middle, dec: height, radius } = boundsOf(region(text))
      for (let ra = 0; ra < 360; ra += 5) {
        for (let dec = -90; dec <= 90; dec += 5) {
          if (holds(text, ra, dec)) expect(separation([ra, dec], [middle, height]), text).toBeLessThanOrEqual(radius + 1e-6)
        }
      }
    }
  })
})

describe('a polygon asked for', () => {
  it('is refused with the reason', () => {
    expect(polygonFault([[0, 0], [1, 0]])).toBe('few')
    expect(polygonFault([[0, 0], [1, 0], [1, 0]])).toBe('equal')
    expect(polygonFault([[0, 0], [180, 0], [90, 80]])).toBe('equal')
    expect(polygonFault([[10, 0], [12, 2], [12, 0], [10, 2]])).toBe('crossing')
    expect(polygonFault([[359, -1], [1, -1], [1, 1], [359, 1]])).toBeNull()
    expect(polygonFault([[0, 80], [120, 80], [240, 80]])).toBeNull()
  })
})

describe('going along the sky', () => {
  it('ends at the distance and in the direction given', () => {
    for (const from of [[0, 0], [359.9, 45], [120, -89.9]] as const) {
      for (const towards of [0, 45, 180, 271]) {
        const to = destination(from, towards, 20)
        expect(separation(from, to)).toBeCloseTo(20, 9)
        expect(bearing(from, to)).toBeCloseTo(towards, 6)
      }
    }
    expect(destination([10, 80], 0, 20)).toEqual([190, expect.closeTo(80, 9)])
  })
})
