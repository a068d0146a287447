import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import SearchBox from '@/app/search/SearchBox.vue'
import { listenToKeys } from '@/app/keys'

const found = vi.hoisted(() => ({ answer: () => Promise.resolve([] as unknown[]) }))
vi.mock('@/app/search/server', () => ({
  searchServer: () => ({
    facilities: () => Promise.resolve([]),
    activities: () => Promise.resolve([]),
    targets: () => found.answer(),
  }),
}))

let router: Router
let box: VueWrapper
let stop: () => void

beforeEach(() => {
  vi.useFakeTimers()
  Element.prototype.scrollIntoView = vi.fn()
  router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:all(.*)*', component: {} }] })
  found.answer = () => Promise.resolve([{ target_name: 'M 31' }, { target_name: 'M 33' }])
  stop = listenToKeys()
  box = mount(SearchBox, { attachTo: document.body, global: { plugins: [router] } })
})

afterEach(() => {
  box.unmount()
  stop()
  vi.useRealTimers()
})

async function type(text: string) {
  await box.get('input').trigger('focus')
  await box.get('input').setValue(text)
  await vi.dynamicImportSettled()
  await vi.advanceTimersByTimeAsync(250)
  await vi.dynamicImportSettled()
  await flushPromises()
}

const options = () => box.findAll('[role="option"]').map((one) => one.get('.search-text').text())
const input = () => box.get('input')
const chosen = () => box.find(`#${input().attributes('aria-activedescendant') ?? 'none'}`)

describe('the search box', () => {
  it('is reached by the slash key', () => {
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '/', bubbles: true, cancelable: true }))
    expect(document.activeElement).toBe(input().element)
  })

  it('is a combobox that says whether its list is open', async () => {
    expect(input().attributes()).toMatchObject({ role: 'combobox', 'aria-expanded': 'false', 'aria-autocomplete': 'list' })
    await type('m3')
    expect(input().attributes('aria-expanded')).toBe('true')
    expect(box.get(`#${input().attributes('aria-controls') ?? ''}`).attributes('role')).toBe('listbox')
    expect(options()).toEqual(['M 31', 'M 33', 'Activities with “m3”'])
    expect(box.get('[role="status"]').text()).toBe('3 suggestions')
  })

  it('walks the list by arrow keys, around its ends, while the focus stays', async () => {
    await type('m3')
    await input().trigger('keydown', { key: 'ArrowDown' })
    expect(chosen().text()).toContain('M 31')
    expect(chosen().attributes('aria-selected')).toBe('true')
    await input().trigger('keydown', { key: 'ArrowUp' })
    await input().trigger('keydown', { key: 'ArrowUp' })
    expect(chosen().text()).toContain('M 33')
  })

  it('goes to what is chosen by Enter or by a click', async () => {
    await type('m3')
    await input().trigger('keydown', { key: 'ArrowDown' })
    await box.get('form').trigger('submit')
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/targets/M%2031')
    expect(box.emitted('done')).toHaveLength(1)
    await type('m3')
    await box.findAll('[role="option"]')[1]?.trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/targets/M%2033')
  })

  it('goes to the board when nothing is chosen, and to a position when one is typed', async () => {
    await type('dust')
    await box.get('form').trigger('submit')
    await flushPromises()
    expect(router.currentRoute.value.fullPath).toBe('/?text=dust')
    await type('10.5 41')
    await box.get('form').trigger('submit')
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/sky/10.5,41')
  })

  it('closes on Escape, then empties, then lets go', async () => {
    await type('m3')
    await input().trigger('keydown', { key: 'Escape' })
    expect(input().attributes('aria-expanded')).toBe('false')
    expect(input().element.value).toBe('m3')
    await input().trigger('keydown', { key: 'Escape' })
    expect(input().element.value).toBe('')
    await input().trigger('keydown', { key: 'Escape' })
    expect(box.emitted('done')).toHaveLength(1)
  })

  it('keeps offering the board when the server says nothing', async () => {
    found.answer = () => Promise.reject(new TypeError('Failed to fetch'))
    await type('m3')
    expect(options()).toEqual(['Activities with “m3”'])
  })

  it('asks once somebody has stopped typing', async () => {
    const answer = vi.fn(found.answer)
    found.answer = answer
    await input().trigger('focus')
    for (const text of ['m3', 'm31', 'm31 h']) {
      await input().setValue(text)
      await vi.advanceTimersByTimeAsync(100)
    }
    await vi.advanceTimersByTimeAsync(200)
    await vi.dynamicImportSettled()
    expect(answer).toHaveBeenCalledOnce()
  })
})
