import { describe, expect, it } from 'vitest'
import { separation } from '@/sky/geometry'
import { fromGalactic } from '@/sky/frames'
import type { Position } from '@/sky/sphere'
import { centredOn, chartOf, dragged, inFrame, shifted, WHOLE_SKY, zoomAround } from '@/sky/view'
import type { View } from '@/sky/view'

const SIZE = { width: 800, height: 400 }
const chart = (view: Partial<View>) => chartOf({ ...WHOLE_SKY, ...view }, SIZE)

function point(one: Position | null): Position {
  if (!one) throw new Error('the point is on the map')
  return one
}

describe.each(['mollweide', 'aitoff'] as const)('the whole sky as %s', (allSky) => {
  it('has its centre in the middle, east left and north up', () => {
    const { project } = chart({ allSky, centre: [120, 0] })
    expect(project([120, 0])).toEqual([expect.closeTo(400, 6), expect.closeTo(200, 6)])
    expect(point(project([130, 0]))[0]).toBeLessThan(400)
    expect(point(project([120, 10]))[1]).toBeLessThan(200)
  })

  it('fits on the map', () => {
    const { project } = chart({ allSky })
    for (const at of [[179.99, 0], [180.01, 0], [0, 90], [0, -90]] as const) {
      const [x, y] = point(project(at))
      expect(x).toBeGreaterThanOrEqual(0)
      expect(x).toBeLessThanOrEqual(800)
      expect(y).toBeGreaterThanOrEqual(0)
      expect(y).toBeLessThanOrEqual(400)
    }
  })

  it('finds the place of a point, and none in the corners', () => {
    const { project, invert } = chart({ allSky, frame: 'galactic', centre: [30, 0] })
    for (const at of [[83, 22], [266, -29], [359.9, 60], [12, -85]] as const) {
      expect(separation(point(invert(point(project(at)))), at)).toBeLessThan(0.01)
    }
    expect(invert([2, 2])).toBeNull()
    expect(invert([798, 398])).toBeNull()
  })
})

it('along Galactic axes the Galactic centre is in the middle and its pole on top', () => {
  const { project } = chart({ frame: 'galactic' })
  expect(project(fromGalactic([0, 0]))).toEqual([expect.closeTo(400, 4), expect.closeTo(200, 4)])
  expect(point(project(fromGalactic([0, 90])))[1]).toBeLessThan(11)
  expect(point(project(fromGalactic([20, 0])))[0]).toBeLessThan(400)
})

describe('a zoomed map', () => {
  it('looks at any place of either frame with north up, poles too', () => {
    for (const frame of ['icrs', 'galactic'] as const) {
      for (const centre of [[0, 0], [200, 50], [30, -80], [77, 90], [10, -90]] as const) {
        const { project, centre: middle, invert } = chart({ frame, centre, field: 20 })
        expect(project(middle)).toEqual([expect.closeTo(400, 4), expect.closeTo(200, 4)])
        expect(separation(point(invert([400, 200])), middle)).toBeLessThan(1e-6)
      }
    }
  })

  it('shows the field across its width', () => {
    const { invert, scale } = chart({ centre: [50, 0], field: 20 })
    expect(separation(point(invert([0, 200])), point(invert([800, 200])))).toBeCloseTo(20, 6)
    expect(scale).toBeCloseTo(40, 0)
  })

  it('does not show what is behind', () => {
    expect(chart({ field: 20 }).project([180, 0])).toBeNull()
  })
})

describe('moving the map', () => {
  it('zooms in around the pointer, which stays on its place', () => {
    let now = chart({})
    const pointer: Position = [560, 140]
    const under = point(now.invert(pointer))
    for (let step = 0; step < 8; step += 1) {
      now = chartOf(zoomAround(now, pointer, 1.6), SIZE)
      expect(separation(point(now.invert(pointer)), under)).toBeLessThan((now.view.field ?? 0) / 50)
    }
    expect(now.view.field).toBeLessThan(10)
  })

  it('zooms out to the whole sky with its equator level', () => {
    const view = zoomAround(chart({ centre: [40, 60], field: 120 }), [400, 200], 0.5)
    expect(view).toEqual({ ...WHOLE_SKY, centre: [40, 0] })
    expect(zoomAround(chart({}), [400, 200], 0.5)).toEqual(WHOLE_SKY)
  })

  it('does not zoom where there is no sky', () => {
    expect(zoomAround(chart({}), [1, 1], 2)).toEqual(WHOLE_SKY)
  })

  it('drags the sky along', () => {
    const before = chart({ centre: [100, 40], field: 30 })
    const under = point(before.invert([300, 150]))
    const after = chartOf(dragged(before, [300, 150], [420, 260]), SIZE)
    expect(separation(point(after.invert([420, 260])), under)).toBeLessThan(0.01)
  })

  it('turns the whole sky sideways only', () => {
    const view = dragged(chart({}), [400, 200], [500, 350])
    expect(view.centre[0]).toBeGreaterThan(0)
    expect(view.centre[1]).toBe(0)
    expect(shifted(chart({}), 0.25, 0).centre[0]).toBeGreaterThan(180)
  })

  it('centres on a place and keeps it when the axes change', () => {
    const view = centredOn({ ...WHOLE_SKY, field: 10 }, [83.6, 22])
    const turned = inFrame(view, 'galactic')
    expect(separation(chartOf(turned, SIZE).centre, [83.6, 22])).toBeLessThan(1e-4)
    expect(inFrame(WHOLE_SKY, 'galactic').centre).toEqual([0, 0])
  })
})
