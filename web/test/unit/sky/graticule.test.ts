import { describe, expect, it } from 'vitest'
import { readChoices } from '@/sky/choices'
import { netLabels, netOf } from '@/sky/graticule'
import { chartOf, WHOLE_SKY } from '@/sky/view'
import type { View } from '@/sky/view'

const chart = (view: Partial<View>, width = 800) => chartOf({ ...WHOLE_SKY, ...view }, { width, height: width / 2 })
const texts = (view: Partial<View>, width?: number) => netLabels(chart(view, width)).map(({ text }) => text)

describe('numbers of the net', () => {
  it('are hours along the equator of ICRS and degrees up its middle', () => {
    expect(texts({})).toEqual(['0h', '2h', '4h', '6h', '8h', '10h', '14h', '16h', '18h', '20h', '22h', '−60°', '−30°', '+30°', '+60°'])
    expect(texts({}, 400)).toContain('4h')
    expect(texts({}, 400)).not.toContain('2h')
  })

  it('are degrees along the Galactic equator', () => {
    expect(texts({ frame: 'galactic' })).toContain('330°')
    expect(texts({ frame: 'galactic' })).not.toContain('2h')
  })

  it('become finer as the field becomes smaller, across right ascension 0 too', () => {
    expect(texts({ field: 20 })).toEqual(expect.arrayContaining(['0h', '23h 40m', '0h 20m', '0°', '+2°', '−2°']))
    const close = texts({ field: 0.5, centre: [83.63, 22.01] })
    expect(close.some((text) => /^5h 3\dm( \d+s)?$/.test(text))).toBe(true)
    expect(close).toContain('+22.0°')
  })

  it('stay inside the map', () => {
    for (const view of [{}, { field: 40, centre: [10, 88] as const }, { field: 5, centre: [200, -60] as const }]) {
      for (const { x, y } of netLabels(chart(view))) {
        expect(x >= 0 && x <= 800 && y >= -5 && y <= 400).toBe(true)
      }
    }
  })
})

describe('the net', () => {
  it('has a handful of lines at any zoom, around a pole as well', () => {
    for (const field of [null, 150, 60, 10, 1, 0.25]) {
      for (const centre of [[0, 0], [100, 60], [10, 89.5], [300, -90]] as const) {
        const lines = netOf(chart({ field, centre })).lines.coordinates
        expect(lines.length).toBeGreaterThan(3)
        expect(lines.flat().length).toBeLessThan(6000)
      }
    }
  })
})

describe('kept choices', () => {
  it('are read back, and left at their defaults when they make no sense', () => {
    const kept = { allSky: 'aitoff', frame: 'galactic', hasConstellations: false }
    expect(readChoices(JSON.stringify(kept))).toEqual(kept)
    for (const text of [null, 'nonsense', '{"allSky":"flat","frame":3}']) {
      expect(readChoices(text)).toEqual({ allSky: 'mollweide', frame: 'icrs', hasConstellations: true })
    }
  })
})
