import { describe, expect, it } from 'vitest'
import type { Activity, Source } from '@/api/types'
import { footprintOf } from '@/sky/footprint'
import { placeLabels } from '@/sky/labels'
import { bandOf } from '@/sky/palette'
import { pick, placed, pointingsOf, stepsThrough } from '@/sky/pointings'
import { chartOf, WHOLE_SKY } from '@/sky/view'
import type { View } from '@/sky/view'

const SIZE = { width: 800, height: 400 }

function activity(id: string, given: Partial<Activity> = {}): Activity {
  return {
    id, source: 'jwst', facility_name: 'JWST', status: 'scheduled', basis: 'scheduled', band: [], target_name: null,
    s_ra: 0, s_dec: 0, s_fov: null, s_region: null, ...given,
  } as Activity
}

function shown(activities: Activity[], view: Partial<View> = {}, sources: Source[] = []) {
  const chart = chartOf({ ...WHOLE_SKY, ...view }, SIZE)
  return { chart, marks: placed(pointingsOf(activities, sources), chart) }
}

describe('where an activity lies', () => {
  it('is its footprint before its field, and its field before its pointing', () => {
    const bounds = (given: Partial<Activity>) => footprintOf(activity('a', given))?.bounds
    expect(bounds({ s_ra: 1, s_dec: 2, s_fov: 0.5, s_region: 'CIRCLE ICRS 10 20 3' })).toEqual({ ra: 10, dec: 20, radius: 3 })
    expect(bounds({ s_ra: 1, s_dec: 2, s_fov: 0.5 })).toEqual({ ra: 1, dec: 2, radius: 0.25 })
    expect(bounds({ s_ra: 1, s_dec: 2 })).toEqual({ ra: 1, dec: 2, radius: 0 })
  })

  it('is the field when the footprint cannot be read or is a mere point', () => {
    for (const text of ['somewhere', 'POLYGON ICRS 1 2 3', 'POSITION J2000 1.1 2.1']) {
      expect(footprintOf(activity('a', { s_ra: 1, s_dec: 2, s_fov: 0.5, s_region: text }))?.bounds.radius).toBe(0.25)
    }
  })

  it('is nowhere without coordinates', () => {
    expect(footprintOf(activity('a', { s_ra: null, s_dec: null }))).toBeNull()
    expect(footprintOf(activity('a', { s_ra: 10, s_dec: null }))).toBeNull()
    expect(footprintOf(activity('a', { s_ra: 10, s_dec: 95 }))).toBeNull()
    expect(footprintOf(activity('a', { s_ra: null, s_dec: null, s_region: 'POSITION 3 4' }))?.bounds.ra).toBe(3)
  })
})

describe('marks', () => {
  it('say by shape what is claimed, and lie in that order', () => {
    const { marks } = shown([
      activity('now', { status: 'in_progress', basis: 'reported' }),
      activity('plan', { status: 'in_progress' }),
      activity('over', { status: 'performed', basis: 'archived' }),
      activity('elapsed', { status: 'elapsed' }),
      activity('next'),
    ])
    expect(marks.map((one) => [one.activity.id, one.mark])).toEqual([
      ['over', 'dot'], ['elapsed', 'dot'], ['next', 'ring'], ['plan', 'half'], ['now', 'filled'],
    ])
  })

  it('are late when their source is', () => {
    const source = { name: 'jwst', health: 'late' } as Source
    expect(shown([activity('a')], {}, [source]).marks[0]?.isLate).toBe(true)
    expect(shown([activity('a')], {}, [{ ...source, health: 'good' }]).marks[0]?.isLate).toBe(false)
    expect(shown([activity('a')]).marks[0]?.isLate).toBe(false)
  })

  it('are areas from five pixels across', () => {
    const sizes = [1, 4].map((fov) => shown([activity('a', { s_fov: fov })]).marks[0]?.isArea)
    expect(sizes).toEqual([false, true])
    expect(shown([activity('a', { s_fov: 1 })], { field: 10 }).marks[0]?.isArea).toBe(true)
  })

  it('are left out where the map does not reach', () => {
    const far = [activity('near', { s_ra: 1 }), activity('far', { s_ra: 90 }), activity('behind', { s_ra: 180 })]
    expect(shown(far, { field: 20 }).marks.map((one) => one.activity.id)).toEqual(['near'])
  })

  it('have the colour of the first band their source names', () => {
    expect(bandOf(['X-ray', 'UV'])).toBe('xray')
    expect(bandOf(['EUV'])).toBe('uv')
    expect(bandOf([])).toBe('none')
    expect(bandOf(null)).toBe('none')
  })
})

describe('pointing at the map', () => {
  const at = (ra: number, dec = 0) => ({ s_ra: ra, s_dec: dec })

  it('picks the nearest mark within reach', () => {
    const { chart, marks } = shown([activity('a', at(10)), activity('b', at(13))])
    const [x, y] = chart.project([12.4, 0]) ?? [0, 0]
    expect(pick(marks, chart, [x, y], 8)?.activity.id).toBe('b')
    expect(pick(marks, chart, [x, y + 60], 8)).toBeNull()
  })

  it('prefers what is in progress to what lies as near', () => {
    const { chart, marks } = shown([activity('next', at(10)), activity('now', { ...at(10.5), status: 'in_progress' })])
    const [x, y] = chart.project([10.1, 0]) ?? [0, 0]
    expect(pick(marks, chart, [x, y], 8)?.activity.id).toBe('now')
  })

  it('picks the smallest footprint around the point, across right ascension 0 too', () => {
    const { chart, marks } = shown([
      activity('wide', { s_region: 'CIRCLE 0 0 40' }),
      activity('narrow', { s_region: 'POLYGON 345 -15 15 -15 15 15 345 15' }),
    ])
    for (const [ra, id] of [[352, 'narrow'], [8, 'narrow'], [330, 'wide'], [31, 'wide']] as const) {
      expect(pick(marks, chart, chart.project([ra, 8]) ?? [0, 0], 6)?.activity.id, String(ra)).toBe(id)
    }
    expect(pick(marks, chart, chart.project([180, 8]) ?? [0, 0], 6)).toBeNull()
  })

  it('finds a mark near a pole at another right ascension', () => {
    const { chart, marks } = shown([activity('pole', at(200, 89.9))])
    expect(pick(marks, chart, chart.project([0, 90]) ?? [0, 0], 8)?.activity.id).toBe('pole')
  })

  it('steps through what is in progress from left to right, which is from east to west', () => {
    const { marks } = shown([
      activity('west', { ...at(350), status: 'in_progress' }),
      activity('next', at(20)),
      activity('east', { ...at(40), status: 'in_progress', basis: 'reported' }),
    ])
    expect(stepsThrough(marks).map((one) => one.activity.id)).toEqual(['east', 'west'])
  })
})

describe('names beside marks', () => {
  const name = (text: string, x: number, y: number) => ({ text, x, y, width: 40 })

  it('never lie over one another', () => {
    const wanted = Array.from({ length: 30 }, (_, index) => name(`T${String(index)}`, 300 + (index % 6) * 20, 200 + Math.floor(index / 6) * 9))
    const labels = placeLabels(wanted, wanted, SIZE, 30)
    expect(labels.length).toBeGreaterThan(3)
    for (const [place, one] of labels.entries()) {
      for (const other of labels.slice(place + 1)) {
        expect(Math.abs(one.x - other.x) >= 40 || Math.abs(one.y - other.y) >= 13).toBe(true)
      }
    }
  })

  it('stay on the map and are given once where marks of the same name are close', () => {
    const labels = placeLabels([name('JWST', 795, 5), name('JWST', 780, 10), name('JWST', 100, 300)], [], SIZE, 9)
    expect(labels).toHaveLength(2)
    for (const { x, y } of labels) expect(x >= 0 && x <= 760 && y >= 10 && y <= 400).toBe(true)
  })

  it('are no more than asked for', () => {
    expect(placeLabels([name('A', 100, 100), name('B', 400, 300)], [], SIZE, 1).map(({ text }) => text)).toEqual(['A'])
  })
})
