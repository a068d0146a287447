import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { milkyWay } from '@/sky/milkyway'
import { fromGalactic } from '@/sky/frames'
import { separation } from '@/sky/geometry'
import { loadNames, loadStars } from '@/sky/stars'
import { geoArea, geoContains } from 'd3-geo'

describe('the star file', () => {
  it('has the stars to magnitude 5, the brightest first', async () => {
    const { stars } = await loadStars()
    expect(stars).toHaveLength(1627)
    expect(stars[0]?.magnitude).toBe(-1.4)
    expect(separation(stars[0]?.at ?? [0, 0], [101.287, -16.716])).toBeLessThan(0.01)
    expect(stars.at(-1)?.magnitude).toBe(5)
    // Vega and Acrux, anywhere in the list.
    for (const known of [[279.235, 38.784], [186.65, -63.099]] as const) {
      expect(stars.some(({ at, magnitude }) => separation(at, known) < 0.02 && magnitude < 1.5)).toBe(true)
    }
  })

  it('has lines between stars and the names of all constellations', async () => {
    const [{ lines }, names] = [await loadStars(), await loadNames()]
    const places = lines.coordinates.flat()
    expect(places.every(([ra, dec]) => ra >= 0 && ra < 360 && dec >= -90 && dec <= 90)).toBe(true)
    expect(places.some((at) => separation(at, [88.793, 7.407]) < 0.02)).toBe(true)
    expect(names.map(({ name }) => name)).toContain('Orion')
    expect(names.length).toBeGreaterThanOrEqual(88)
  })

  it('says whom to thank, and keeps the notice', async () => {
    const { default: file } = await import('@/sky/data/sky.json')
    expect(file.credit).toMatch(/Anderson & Francis 2012.*Frohn/)
    const notice = readFileSync('src/sky/data/NOTICE.txt', 'utf8')
    expect(notice).toMatch(/Copyright \(c\) 2015, Olaf Frohn/)
  })
})

describe('the Milky Way', () => {
  it('is a band along the Galactic equator, wide at the centre', () => {
    for (const area of milkyWay()) {
      expect(geoArea(area)).toBeLessThan(2 * Math.PI)
      for (const longitude of [0, 90, 180, 270]) {
        expect(geoContains(area, [...fromGalactic([longitude, 0])])).toBe(true)
        expect(geoContains(area, [...fromGalactic([longitude, 30])])).toBe(false)
        expect(geoContains(area, [...fromGalactic([longitude, -30])])).toBe(false)
      }
    }
    const [widest] = milkyWay()
    expect(widest && geoContains(widest, [...fromGalactic([0, 14])])).toBe(true)
    expect(widest && geoContains(widest, [...fromGalactic([180, 14])])).toBe(false)
  })
})
