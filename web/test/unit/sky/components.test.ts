import { enableAutoUnmount, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import type { Activity } from '@/api/types'
import AltitudePlot from '@/sky/AltitudePlot.vue'
import { parseRegion, regionText } from '@/sky/geometry'
import type { Region } from '@/sky/geometry'
import RegionEditor from '@/sky/RegionEditor.vue'
import SkyMap from '@/sky/SkyMap.vue'

/** A stage of 800 × 400 in a page that has no layout, and canvases that draw nothing. */
class StageObserver {
  constructor(private tell: (entries: unknown[]) => void) {}

  observe(target: Element) {
    this.tell([{ target, contentRect: { width: 800, height: 400 } }])
  }

  disconnect() {
    this.tell = () => undefined
  }
}

beforeEach(() => {
  vi.stubGlobal('ResizeObserver', StageObserver)
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null)
})

enableAutoUnmount(afterEach)

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

function activity(id: string, given: Partial<Activity> = {}): Activity {
  return {
    id, source: 'jwst', facility_name: 'JWST', target_name: 'M 31', status: 'in_progress', basis: 'scheduled', band: [],
    s_ra: 10, s_dec: 41, s_fov: null, s_region: null, instrument_name: null, t_min: null, t_max: null, ...given,
  } as Activity
}

describe('the map', () => {
  const activities = [
    activity('east', { s_ra: 40 }),
    activity('west', { s_ra: 340, facility_name: 'HST', basis: 'reported' }),
    activity('next', { status: 'scheduled' }),
    activity('nowhere', { s_ra: null, s_dec: null, status: 'performed', basis: 'archived' }),
  ]

  it('says in words what it shows, and what it cannot', () => {
    const map = mount(SkyMap, { props: { activities } })
    const words = map.get('figcaption').text()
    expect(words).toContain('1 in progress as reported, 1 in progress by plan, 1 scheduled, 0 over.')
    expect(words).toContain('1 activity has no coordinates and is not on the map.')
    expect(map.text()).toContain('3 on the map · 1 without coordinates')
    expect(map.findAll('canvas').map((canvas) => canvas.attributes('aria-label'))).toEqual([expect.any(String), words])
  })

  it('is stepped through by the arrow keys, and Enter selects', async () => {
    const map = mount(SkyMap, { props: { activities } })
    await nextTick()
    const stage = map.get('[role="application"]')
    await stage.trigger('keydown', { key: 'ArrowRight' })
    expect(map.get('[aria-live]').text()).toBe('1 of 2: JWST · M 31, in progress, by plan')
    await stage.trigger('keydown', { key: 'ArrowRight' })
    expect(map.get('[aria-live]').text()).toBe('2 of 2: HST · M 31, in progress, reported')
    await stage.trigger('keydown', { key: 'Enter' })
    expect(map.emitted('select')).toEqual([['west']])
    await stage.trigger('keydown', { key: 'ArrowLeft' })
    expect(map.get('[aria-live]').text()).toMatch(/^1 of 2/)
  })

  it('says so when nothing is in progress', async () => {
    const map = mount(SkyMap, { props: { activities: [] } })
    await nextTick()
    await map.get('[role="application"]').trigger('keydown', { key: 'ArrowRight' })
    expect(map.get('[aria-live]').text()).toMatch(/^Nothing/)
  })

  it('shows what is under the pointer and selects it by a click', async () => {
    const map = mount(SkyMap, { props: { activities: [activity('middle', { s_ra: 0, s_dec: 0 })] } })
    await nextTick()
    const stage = map.get('[role="application"]').element
    stage.dispatchEvent(new MouseEvent('pointermove', { clientX: 402, clientY: 201 }))
    await nextTick()
    expect(map.get('.map-tip').text()).toContain('JWST · M 31')
    stage.dispatchEvent(new MouseEvent('click', { clientX: 402, clientY: 201 }))
    expect(map.emitted('select')).toEqual([['middle']])
    stage.dispatchEvent(new MouseEvent('pointerleave'))
    await nextTick()
    expect(map.find('.map-tip').exists()).toBe(false)
  })

  it('lets a page with the wheel turned scroll on', () => {
    const map = mount(SkyMap, { props: { activities }, attachTo: document.body })
    const turned = new WheelEvent('wheel', { deltaY: -100, cancelable: true })
    map.get('[role="application"]').element.dispatchEvent(turned)
    expect(turned.defaultPrevented).toBe(false)
    const meant = new WheelEvent('wheel', { deltaY: -100, ctrlKey: true, cancelable: true })
    map.get('[role="application"]').element.dispatchEvent(meant)
    expect(meant.defaultPrevented).toBe(true)
  })
})

describe('the region editor', () => {
  const editor = (modelValue: Region | null) => mount(RegionEditor, { props: { modelValue } })
  const last = (wrapper: ReturnType<typeof editor>) => {
    const region = wrapper.emitted('update:modelValue')?.at(-1)?.[0] as Region | null | undefined
    return region ? regionText(region) : region
  }
  const field = (wrapper: ReturnType<typeof editor>, label: string) => {
    const id = wrapper.findAll('label').find((one) => one.text() === label)?.attributes('for') ?? ''
    return wrapper.get(`[id="${id}"]`)
  }

  it('takes a typed circle and says it in words', async () => {
    const wrapper = editor(null)
    await field(wrapper, 'Right ascension').setValue('05 34 32')
    await field(wrapper, 'Declination').setValue('+22 00 52')
    expect(wrapper.emitted('update:modelValue')).toBeUndefined()
    await field(wrapper, 'Radius').setValue('2')
    expect(last(wrapper)).toBe('CIRCLE 83.633333 22.014444 2')
    expect(wrapper.text()).toContain('Circle of radius 2° around 83.633° 22.014°')
  })

  it('keeps back what has a fault and says why', async () => {
    const wrapper = editor(parseRegion('CIRCLE 10 20 2'))
    await field(wrapper, 'Declination').setValue('200')
    expect(wrapper.emitted('update:modelValue')).toBeUndefined()
    expect(wrapper.emitted('fault')?.at(-1)).toEqual(['Declination is −90 to +90 degrees.'])
    expect(field(wrapper, 'Declination').attributes('aria-invalid')).toBe('true')
    await field(wrapper, 'Declination').setValue('21')
    expect(last(wrapper)).toBe('CIRCLE 10 21 2')
    expect(wrapper.emitted('fault')?.at(-1)).toEqual([null])
  })

  it('moves and sizes a circle by keys', async () => {
    const wrapper = editor(parseRegion('CIRCLE 10 0 20'))
    await nextTick()
    const stage = wrapper.get('[role="application"]')
    await stage.trigger('keydown', { key: 'ArrowUp' })
    expect(last(wrapper)).toBe('CIRCLE 10 1 20')
    await stage.trigger('keydown', { key: 'ArrowRight', shiftKey: true })
    expect(last(wrapper)).toMatch(/^CIRCLE 0 /)
    await stage.trigger('keydown', { key: '-' })
    expect(last(wrapper)).toMatch(/ 18\.18\d?$/)
    await stage.trigger('keydown', { key: 'Delete' })
    expect(last(wrapper)).toBeNull()
  })

  it('draws a circle with the mouse', async () => {
    const wrapper = editor(null)
    await nextTick()
    const stage = wrapper.get('[role="application"]').element
    Object.assign(stage, { setPointerCapture: () => undefined })
    stage.dispatchEvent(new MouseEvent('pointerdown', { clientX: 400, clientY: 200, button: 0 }))
    stage.dispatchEvent(new MouseEvent('pointermove', { clientX: 400, clientY: 160 }))
    stage.dispatchEvent(new MouseEvent('pointermove', { clientX: 400, clientY: 150 }))
    stage.dispatchEvent(new MouseEvent('pointerup'))
    expect(last(wrapper)).toMatch(/^CIRCLE 0 0 1\d\.\d+$/)
  })

  it('sets the corners of a polygon by clicks, and gives it on when it has three', async () => {
    const wrapper = editor(null)
    await wrapper.get('input[type="radio"]:not(:checked)').setValue(true)
    const stage = wrapper.get('[role="application"]').element
    const click = (x: number, y: number) => stage.dispatchEvent(new MouseEvent('click', { clientX: x, clientY: y }))
    click(380, 180)
    click(420, 180)
    await nextTick()
    expect(wrapper.emitted('update:modelValue')).toBeUndefined()
    expect(wrapper.text()).toContain('2 corners so far')
    click(400, 220)
    await nextTick()
    expect(last(wrapper)).toMatch(/^POLYGON( [\d.-]+){6}$/)
  })

  it('follows a region given from outside', async () => {
    const wrapper = editor(parseRegion('CIRCLE 10 20 2'))
    await wrapper.setProps({ modelValue: parseRegion('POLYGON 1 1 5 1 5 5') })
    expect((field(wrapper, 'Corners').element as HTMLTextAreaElement).value).toBe('1, 1\n5, 1\n5, 5')
    await wrapper.setProps({ modelValue: null })
    expect(wrapper.text()).toContain('No region')
  })
})

describe('the altitude plot', () => {
  const time = Date.parse('2026-11-21T20:00:00Z')

  it('tells each site’s night in words', () => {
    const sites = [
      { key: 'paranal', title: 'Paranal', latitude: -24.6272, longitude: -70.4043 },
      { key: 'maunakea', title: 'Maunakea', latitude: 19.8261, longitude: -155.4747 },
    ]
    const plot = mount(AltitudePlot, { props: { ra: 83.6331, dec: 22.0145, sites, time } })
    const words = plot.findAll('svg').map((svg) => svg.attributes('aria-label'))
    expect(words[0]).toContain('Altitude tonight at Paranal. Dark: 00:36 to 08:20. Highest in the dark: 43° at 06:1')
    expect(words[1]).toContain('Dark: 04:58 to 15:18. Highest in the dark: 88° at 11:5')
    expect(plot.find('.now').exists()).toBe(false)
  })

  it('never claims darkness where there is none, nor height below the horizon', () => {
    const sites = [
      { key: 'svalbard', title: 'Svalbard', latitude: 78.2, longitude: 15.6 },
      { key: 'paranal', title: 'Paranal', latitude: -24.6272, longitude: -70.4043 },
    ]
    const summer = Date.parse('2026-06-21T12:00:00Z')
    const plot = mount(AltitudePlot, { props: { ra: 10, dec: 80, sites, time: summer } })
    const [north, south] = plot.findAll('svg').map((svg) => svg.attributes('aria-label'))
    expect(north).toContain('the Sun does not sink 18° below the horizon')
    expect(south).toContain('Highest in the dark: never tonight')
  })

  it('asks for a site when there is none', () => {
    const plot = mount(AltitudePlot, { props: { ra: 10, dec: 80, sites: [], time } })
    expect(plot.text()).toContain('Choose a site')
  })
})
