import { mount, RouterLinkStub } from '@vue/test-utils'
import { nextTick } from 'vue'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { onKey } from '@/app/keys'
import { now } from '@/time/clock'
import Timeline from '@/timeline/Timeline.vue'
import { made, minutes, NOON, plans, source } from './made'

const shown = [
  made({ id: 'early', t_min: minutes(-120), t_max: minutes(-60), status: 'performed', basis: 'reported', target_name: 'M 81' }),
  made({ id: 'late', t_min: minutes(20), t_max: minutes(80) }),
  made({ id: 'hubble', facility_name: 'HST', source: 'hst', t_min: minutes(30), t_max: minutes(90) }),
]

function drawn(activities = shown, selected: string | null = null) {
  return mount(Timeline, {
    props: { activities, sources: [source()], selected },
    global: { stubs: { RouterLink: RouterLinkStub } },
    attachTo: document.body,
  })
}

beforeEach(() => {
  now.value = NOON
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ items: [], next: null })))
})
afterEach(() => {
  vi.unstubAllGlobals()
  document.body.innerHTML = ''
})

const keyOf = () => (document.activeElement as SVGElement | null)?.dataset['key']

describe('by keyboard', () => {
  test('one bar alone is a tab stop: the selected one, else the one nearest to now', () => {
    const stops = (selected: string | null) => drawn(shown, selected).findAll('[role="button"][tabindex="0"]').map((one) => one.attributes('data-key'))
    expect(stops(null)).toEqual(['late'])
    expect(stops('early')).toEqual(['early'])
  })

  test('arrows go between the bars of a lane and to the nearest bar of the next lane', async () => {
    const timeline = drawn()
    const press = async (key: string) => {
      await timeline.find(`[data-key="${keyOf() ?? ''}"]`).trigger('keydown', { key })
      await nextTick()
    }
    timeline.find<HTMLElement>('[data-key="late"]').element.focus()
    await press('ArrowLeft')
    expect(keyOf()).toBe('early')
    await press('End')
    expect(keyOf()).toBe('late')
    await press('ArrowUp')
    expect(keyOf()).toBe('hubble')
    await press('ArrowUp')
    expect(keyOf()).toBe('hubble')
  })

  test('Enter and the space bar choose', async () => {
    const timeline = drawn()
    await timeline.find('[data-key="early"]').trigger('keydown', { key: 'Enter' })
    await timeline.find('[data-key="late"]').trigger('keydown', { key: ' ' })
    expect(timeline.emitted('select')).toEqual([['early'], ['late']])
  })

  test('brackets move the window by half of it, and the button brings it back to now', async () => {
    const timeline = drawn()
    const before = timeline.find('.timeline-range').text()
    onKey(new KeyboardEvent('keydown', { key: ']' }))
    await nextTick()
    expect(timeline.emitted('window')?.at(-1)).toEqual([NOON, NOON + 6 * 3_600_000])
    await timeline.findAll('button').find((button) => button.text() === 'Now')?.trigger('click')
    expect(timeline.find('.timeline-range').text()).toBe(before)
  })
})

describe('what is drawn', () => {
  test('each bar is a button with a name of its own, and its visible text stands outside it', () => {
    const timeline = drawn()
    const bar = timeline.find('[data-key="early"]')
    expect(bar.attributes('aria-label')).toBe('JWST, M 81, instrument not given, done, reported, 21 Nov 10:00 to 11:00 UTC')
    expect(bar.find('text').exists()).toBe(false)
    expect(timeline.findAll('text').map((text) => text.text())).toContain('M 81')
  })

  test('a folded group hides its lanes', async () => {
    const timeline = drawn()
    await timeline.find('.fold').trigger('click')
    expect(timeline.find('.fold').attributes('aria-expanded')).toBe('false')
    expect(timeline.findAll('[data-key]')).toHaveLength(0)
  })

  test('a strip of many zooms in to them', async () => {
    const timeline = drawn(plans(30, 0.6, 0.3))
    await timeline.find('.strip').trigger('click')
    await nextTick()
    const [from, to] = timeline.emitted('window')?.at(-1) as [number, number]
    expect(to - from).toBeLessThanOrEqual(3_600_000)
    expect(timeline.emitted('select')).toBeUndefined()
    expect(keyOf()).toBe('plan 0')
  })

  test('what can not be drawn is told', () => {
    const timeline = drawn([...shown, made({ id: 'no time', status: 'planned', t_min: null, t_max: null }), made({ id: 'gone', status: 'withdrawn' })])
    expect(timeline.text()).toContain('1 without a time is not drawn.')
    expect(timeline.text()).toContain('1 withdrawn from the plan is not drawn.')
  })

  test('two thousand activities stay within fifteen hundred elements', () => {
    const many = plans(2000, 0.18, 0.1).map((one, index) => ({ ...one, facility_name: `F${index % 16}` }))
    expect(drawn(many).findAll('.lane *').length).toBeLessThanOrEqual(1500)
  })
})
