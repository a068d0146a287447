import { describe, expect, test } from 'vitest'
import { groupsOf, MOST_ROWS, placeBars } from '@/timeline/lanes'
import { elements, laneShapes, MOST_ELEMENTS, shapesOf, type Scale } from '@/timeline/layout'
import { bars, made, minutes, MINUTE, NOON, plans, site } from './made'

/** Ten hours from noon on, two px a minute. */
const wide: Scale = { from: NOON, to: NOON + 600 * MINUTE, width: 1200 }
/** The same in 300 px: a minute is half a px. */
const tight: Scale = { ...wide, width: 300 }
const shapes = (scale: Scale, ...activities: Parameters<typeof bars>) => laneShapes(placeBars(bars(...activities)), scale)

describe('where bars lie', () => {
  test('a bar is cut at the edges of the window and says that it goes on', () => {
    const [shape] = shapes(wide, made({ t_min: minutes(-60), t_max: minutes(900) }))
    expect(shape).toMatchObject({ type: 'bar', x: 0, width: 1200, cut: true })
  })

  test('what ends before the window or starts after it is left out', () => {
    expect(shapes(wide, made({ t_min: minutes(-60), t_max: minutes(-1) }), made({ id: 'b', t_min: minutes(601), t_max: minutes(700) }))).toEqual([])
  })

  test('gaps between bars stay gaps', () => {
    const [first, second] = shapes(wide, made({ t_min: minutes(0), t_max: minutes(60) }), made({ id: 'b', t_min: minutes(90), t_max: minutes(120) }))
    expect([first?.x, first?.width, second?.x]).toEqual([0, 120, 180])
  })

  test('the known part of a bar ends where its source was last heard', () => {
    const [shape] = shapes({ ...wide, from: NOON - 60 * MINUTE, to: NOON + 60 * MINUTE, width: 120 }, made({ status: 'in_progress', basis: 'reported' }))
    expect(shape).toMatchObject({ x: 30, width: 60, known: 29 })
  })
})

describe('bars too narrow to see', () => {
  test('neighbours under two px join one strip with their number and span', () => {
    const [strip, ...others] = shapes(tight, ...plans(20, 2))
    expect(others).toEqual([])
    expect(strip).toMatchObject({ type: 'strip', count: 20, from: NOON, to: NOON + 39 * MINUTE, known: false })
  })

  test('a gap wider than a strip can bridge parts it in two', () => {
    const later = plans(5, 2).map((one, index) => ({ ...one, id: `later ${index}`, t_min: minutes(100 + 2 * index), t_max: minutes(101 + 2 * index) }))
    expect(shapes(tight, ...plans(5, 2), ...later).map((shape) => shape.type === 'strip' && shape.count)).toEqual([5, 5])
  })

  test('a single narrow bar stays a bar', () => {
    expect(shapes(tight, ...plans(1, 1))).toMatchObject([{ type: 'bar', key: 'plan 0' }])
  })

  test('a strip never carries what happened into what is only planned', () => {
    const done = plans(4, 2).map((one) => ({ ...one, status: 'performed', basis: 'reported' }))
    const ahead = plans(4, 2).map((one, index) => ({ ...one, id: `ahead ${index}`, t_min: minutes(8 + 2 * index), t_max: minutes(9 + 2 * index) }))
    expect(shapes(tight, ...done, ...ahead).map((shape) => shape.type === 'strip' && [shape.count, shape.known])).toEqual([[4, true], [4, false]])
  })

  test('thousands of bars stay within the bound on elements', () => {
    const all = bars(...plans(4000, 0.15, 0.1).map((one, index) => ({ ...one, facility_name: `F${index % 40}` })))
    const lanes = groupsOf(all, []).flatMap((group) => group.lanes)
    expect(elements(shapesOf(lanes, { ...wide, width: 8000 }))).toBeLessThanOrEqual(MOST_ELEMENTS)
  })

  test('also where what happened and what is planned take turns', () => {
    const turns = plans(2000, 0.3, 0.2).map((one, index) => ({ ...one, facility_name: `F${index % 25}`, ...(index % 50 < 25 ? { status: 'performed', basis: 'reported' } : {}) }))
    const lanes = groupsOf(bars(...turns), []).flatMap((group) => group.lanes)
    expect(elements(shapesOf(lanes, { ...wide, width: 8000 }))).toBeLessThanOrEqual(MOST_ELEMENTS)
  })
})

describe('rows and lanes', () => {
  test('what overlaps goes to further rows, primes first', () => {
    const beside = made({ id: 'beside', role: 'pure_parallel', t_min: minutes(-40) })
    const placed = placeBars(bars(beside, made({ id: 'prime' })))
    expect(placed.map(({ bar, row }) => [bar.id, row])).toEqual([['beside', 1], ['prime', 0]])
  })

  test('bars that only touch share a row', () => {
    const placed = placeBars(bars(made({ t_max: minutes(0) }), made({ id: 'next', t_min: minutes(0) })))
    expect(placed.map(({ row }) => row)).toEqual([0, 0])
  })

  test('no more rows are made than fit', () => {
    const placed = placeBars(bars(...Array.from({ length: 9 }, (_, index) => made({ id: `${index}` }))))
    expect(Math.max(...placed.map(({ row }) => row))).toBe(MOST_ROWS - 1)
  })

  test('lanes are grouped by site under its name, with space first', () => {
    const groups = groupsOf(
      bars(
        made({ id: 'a', facility_name: 'ESO-VLT-U10', site: 'paranal' }),
        made({ id: 'b', facility_name: 'ESO-VLT-U2', site: 'paranal' }),
        made({ id: 'c', facility_name: 'Keck I', site: 'maunakea' }),
        made({ id: 'd' }),
      ),
      [site()],
    )
    expect(groups.map(({ key, lanes }) => [key, lanes.map(({ facility }) => facility)])).toEqual([
      ['space', ['JWST']],
      ['maunakea', ['Keck I']],
      ['paranal', ['ESO-VLT-U2', 'ESO-VLT-U10']],
    ])
  })
})
