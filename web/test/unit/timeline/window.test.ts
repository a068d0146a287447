import { nextTick, ref, shallowRef } from 'vue'
import { describe, expect, test } from 'vitest'
import { darkness } from '@/timeline/night'
import { around, bounded, FIRST_SPAN, LONGEST_SPAN, moved, nextSpan, SHORTEST_SPAN, zoomed } from '@/timeline/window'
import { useWindow } from '@/timeline/useWindow'
import { spanOf, tickOf } from '@/timeline/format'
import { ticksOf } from '@/timeline/ticks'
import { NOON } from './made'

const HOUR = 3_600_000
const DAY = 24 * HOUR

describe('moving in time', () => {
  test('a step moves by a part of what is shown', () => {
    expect(moved(around(NOON), 0.5, NOON)).toEqual({ from: NOON, to: NOON + FIRST_SPAN })
  })

  test('zooming keeps the moment under the pointer where it is', () => {
    const { from, to } = zoomed(around(NOON), 0.5, NOON - 3 * HOUR, NOON)
    expect([from, to]).toEqual([NOON - 3 * HOUR, NOON])
  })

  test('no less than an hour and no more than two weeks are shown', () => {
    const spanFor = (factor: number) => {
      const { from, to } = zoomed(around(NOON), factor, NOON, NOON)
      return to - from
    }
    expect([spanFor(0.001), spanFor(1000)]).toEqual([SHORTEST_SPAN, LONGEST_SPAN])
  })

  test('one cannot get lost further than a month from now', () => {
    const far = bounded(around(NOON + 400 * DAY), NOON)
    expect((far.from + far.to) / 2).toBe(NOON + 30 * DAY)
  })

  test('longer and shorter go through the spans that have names', () => {
    expect(nextSpan(6 * HOUR, 1)).toBe(12 * HOUR)
    expect(nextSpan(7 * HOUR, -1)).toBe(6 * HOUR)
    expect([nextSpan(LONGEST_SPAN, 1), nextSpan(SHORTEST_SPAN, -1)]).toEqual([LONGEST_SPAN, SHORTEST_SPAN])
  })
})

describe('following now', () => {
  test('the window follows now until it is moved, and again after going back', () => {
    const now = ref(NOON)
    const control = useWindow(() => null, now)
    expect(control.home.value).toBe(true)
    now.value = NOON + HOUR
    expect(control.window.value).toEqual(around(NOON + HOUR))
    control.move(-0.5)
    now.value = NOON + 2 * HOUR
    expect(control.window.value).toEqual(around(NOON - 2 * HOUR))
    control.toNow()
    expect([control.home.value, control.window.value]).toEqual([true, around(NOON + 2 * HOUR)])
  })

  test('seconds that nobody could see do not move it', () => {
    const now = ref(NOON)
    const control = useWindow(() => null, now)
    const before = control.window.value
    now.value = NOON + 1000
    expect(control.window.value).toBe(before)
  })

  test('a given window is taken, and a new one given later too', async () => {
    const given = shallowRef<{ from: number; to: number } | null>({ from: NOON, to: NOON + DAY })
    const control = useWindow(() => given.value, ref(NOON))
    expect(control.window.value).toEqual({ from: NOON, to: NOON + DAY })
    given.value = { from: NOON - DAY, to: NOON }
    await nextTick()
    expect(control.window.value).toEqual({ from: NOON - DAY, to: NOON })
  })
})

describe('day and night', () => {
  /** A Sun that stands highest at noon and 30° below the horizon at midnight. */
  const sun = (time: number) => 30 * Math.cos(((time - NOON) / DAY) * 2 * Math.PI)

  test('a window from noon to noon is day, twilight, night, twilight, day, without gaps', () => {
    const spans = darkness(sun, NOON, NOON + DAY)
    expect(spans.map((span) => span.darkness)).toEqual(['day', 'twilight', 'night', 'twilight', 'day'])
    expect(spans.slice(1).map(({ from }) => from)).toEqual(spans.slice(0, -1).map(({ to }) => to))
  })

  test('the edge of night is found to a minute', () => {
    const night = darkness(sun, NOON, NOON + DAY)[2]
    expect(sun((night?.from ?? 0) - 60_000)).toBeGreaterThan(-18)
    expect(sun((night?.from ?? 0) + 60_000)).toBeLessThan(-18)
  })

  test('where the Sun never rises all is night', () => {
    expect(darkness(() => -40, NOON, NOON + DAY)).toEqual([{ darkness: 'night', from: NOON, to: NOON + DAY }])
  })
})

test('times are told in UTC, the day only where it changes', () => {
  expect(spanOf(NOON, NOON + HOUR)).toBe('21 Nov 12:00 to 13:00 UTC')
  expect(spanOf(NOON, NOON + DAY)).toBe('21 Nov 12:00 to 22 Nov 12:00 UTC')
  expect([tickOf(NOON), tickOf(NOON + 12 * HOUR)]).toEqual(['12:00', '22 Nov'])
})

describe('marks of the axis', () => {
  test('stand at round times within the window', () => {
    const ticks = ticksOf(NOON - 2 * HOUR + 1000, NOON + 4 * HOUR, 12)
    expect([ticks.length, ticks[0], ticks.at(-1)]).toEqual([12, NOON - 1.5 * HOUR, NOON + 4 * HOUR])
  })

  test('are as many as there is room for, from one hour to two weeks', () => {
    for (const span of [HOUR, 6 * HOUR, DAY, 3 * DAY, 14 * DAY]) expect(ticksOf(NOON, NOON + span, 12).length).toBeLessThanOrEqual(13)
    expect(ticksOf(NOON, NOON + 14 * DAY, 12).map((time) => time % DAY)).toEqual(Array(7).fill(0))
  })
})
