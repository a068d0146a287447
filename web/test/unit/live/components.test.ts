import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { defineComponent, effectScope, h, ref, shallowRef } from 'vue'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import ActivityCard from '@/live/ActivityCard.vue'
import ActivityTable from '@/live/ActivityTable.vue'
import FeedCards from '@/live/FeedCards.vue'
import PanelFacts from '@/live/PanelFacts.vue'
import { provideBoardTime } from '@/live/boardTime'
import { placeOf } from '@/live/place'
import { useBoardAddress } from '@/live/useBoardAddress'
import { beyond, useWider } from '@/live/useWider'
import { activity, at, NOON } from './world'

vi.mock('@/live/store', () => ({
  useLive: () => ({ sources: shallowRef([{ name: 'late one', health: 'late' }]), byId: () => undefined }),
}))

/** An activity of which nothing is known that may be unknown. */
const bare = activity({
  t_min: null, t_max: null, t_max_kind: null, intent: null, target_name: null, instrument_name: null, tracking_type: null,
  s_ra: null, s_dec: null, band: [],
})

let router: Router
beforeEach(async () => {
  router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:rest(.*)*', component: { render: () => null } }] })
  await router.push('/')
})

function shown(component: object, props: object) {
  const Noon = defineComponent({
    setup() {
      provideBoardTime(ref(NOON))
      return () => h(component, props)
    },
  })
  return mount(Noon, { global: { plugins: [router] } })
}

describe('a card', () => {
  test('says who, what, how it is known and since when', () => {
    const text = shown(ActivityCard, { activity: activity({ proposal_id: '4501', proposal_pi: 'Doe' }) }).text()

    for (const words of ['JWST', 'NIRCAM', 'M-31', 'by plan', 'since 30 min · planned end in 30 min', '2026-11-21 11:30 – 12:30 UTC', 'programme 4501 · PI Doe']) {
      expect(text).toContain(words)
    }
  })

  test('of what is all unknown says so, and invents nothing', () => {
    const text = shown(ActivityCard, { activity: bare }).text()

    for (const words of ['target unknown', 'instrument unknown', 'intent unknown']) expect(text).toContain(words)
    expect(text).not.toMatch(/null|undefined|NaN|Invalid/)
  })

  test('of an archive tells what was last known', () => {
    const done = activity({ status: 'performed', basis: 'archived', instrument_name: 'MUSE', t_max: at(-9), t_max_kind: 'exact' })

    expect(shown(ActivityCard, { activity: done }).text()).toContain('Last known: MUSE, ended 9 min ago')
  })

  test('of a late source is hatched', () => {
    expect(shown(ActivityCard, { activity: activity({ source: 'late one' }) }).find('.card').classes()).toContain('hatched')
  })

  test('of a parallel names the prime', () => {
    expect(shown(ActivityCard, { activity: activity({ role: 'pure_parallel', parallel_of: 'p' }) }).text()).toContain('In parallel with another observation')
  })
})

test('the record of what is all unknown can be read', () => {
  const text = shown(PanelFacts, { activity: bare, sources: [] }).text()

  expect(text).toContain('more fields not known for it')
  expect(text).not.toMatch(/null|undefined|NaN|Invalid/)
})

test('the board says where nothing is known instead of leaving a hole', () => {
  const text = shown(FeedCards, { activities: [], placed: placeOf }).text()

  expect(text).toContain('Nothing that matches is known to be in progress.')
})

describe('the table', () => {
  test('keeps only the rows in sight in the document', () => {
    const activities = Array.from({ length: 2000 }, (_, n) => activity({ id: `${n}` }))
    const table = shown(ActivityTable, { activities })

    expect(table.find('table').attributes('aria-rowcount')).toBe('2001')
    expect(table.findAll('tr.line').length).toBeLessThan(80)
  })

  test('sorts by a header, the other way, then not at all', async () => {
    const table = shown(ActivityTable, { activities: ['B', 'A'].map((target_name) => activity({ id: target_name, target_name })) })
    const header = table.findAll('th').find((cell) => cell.text().startsWith('Target'))
    const names = () => table.findAll('tr.line .open').map((button) => button.text())

    await header?.find('button').trigger('click')
    expect([names(), header?.attributes('aria-sort')]).toEqual([['A', 'B'], 'ascending'])
    await header?.find('button').trigger('click')
    expect(header?.attributes('aria-sort')).toBe('descending')
    await header?.find('button').trigger('click')
    expect([names(), header?.attributes('aria-sort')]).toEqual([['B', 'A'], undefined])
  })
})

describe('the address', () => {
  async function board(address: string) {
    await router.push(address)
    let used: ReturnType<typeof useBoardAddress> | undefined
    mount({ setup: () => ((used = useBoardAddress()), () => null) }, { global: { plugins: [router] } })
    await flushPromises()
    if (!used) throw new Error('not mounted')
    return used
  }

  test('what the board starts with is written where everybody sees it', async () => {
    const { filter } = await board('/?facility=JWST&a=x')

    expect(filter.value).toEqual({ facility: ['JWST'], intent: ['science', 'null'] })
    expect(router.currentRoute.value.fullPath).toBe('/?a=x&facility=JWST&intent=science&intent=null')
  })

  test('once taken away it stays away', async () => {
    const { filter, setFilter } = await board('/')
    await setFilter({})

    expect(router.currentRoute.value.fullPath).toBe('/?intent=any')
    expect(filter.value).toEqual({})
  })

  test('panel, moment and filter do not disturb each other', async () => {
    const { chosen, at: moment, choose, setMoment, setFilter } = await board('/?intent=any')
    await choose('x')
    await setMoment(NOON)
    await setFilter({ band: ['UV'] })
    expect([chosen.value, moment.value]).toEqual(['x', NOON])
    expect(router.currentRoute.value.query).toEqual({ a: 'x', at: '2026-11-21T12:00Z', intent: 'any', band: 'UV' })

    await choose(null)
    await setMoment(null)
    expect(router.currentRoute.value.query).toEqual({ intent: 'any', band: 'UV' })
  })

  test('the filter holds while another page comes', async () => {
    const { filter } = await board('/?facility=HST&intent=any')
    expect(filter.value).toEqual({ facility: ['HST'] })
    await router.push('/facilities?facility=JWST')

    expect(filter.value).toEqual({ facility: ['HST'] })
  })
})

describe('the stretch of the timeline', () => {
  const hour = 3_600_000

  test('is asked for only where it reaches beyond the board', () => {
    expect(beyond({ from: NOON - hour, to: NOON + hour }, NOON)).toBeNull()
    expect(beyond({ from: NOON - 13 * hour, to: NOON }, NOON)).toEqual({ from: NOON - 13 * hour, to: NOON })
    expect(beyond({ from: NOON - hour, to: NOON + hour }, null)).not.toBeNull()
  })

  test('adds rows to those of the board, which stand for themselves', async () => {
    vi.useFakeTimers()
    const scope = effectScope()
    const parts = { fetchPage: async () => ({ items: [activity({ id: 'a', seq: 9 }), activity({ id: 'b' })], next: null, seq: 9 }) }
    const wider = scope.run(() => useWider(ref([activity({ id: 'a' })]), ref({}), ref(null), () => NOON, parts))
    wider?.look(NOON - 48 * hour, NOON - 42 * hour)
    await vi.advanceTimersByTimeAsync(500)

    expect(wider?.wide.value.map(({ id, seq }) => [id, seq])).toEqual([['a', 1], ['b', 1]])
    scope.stop()
    vi.useRealTimers()
  })
})
