import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { h, ref, shallowRef } from 'vue'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import { session } from '@/account/session'
import App from '@/app/App.vue'
import { fault } from '@/app/faults'
import type { Account, Source } from '@/api/types'
import { preferences, readPreferences } from '@/ui/preferences'
import { dismiss, toasts } from '@/ui/toast'

const live = vi.hoisted(() => ({ store: {} as Record<string, unknown> }))
vi.mock('@/live/store', () => ({ useLive: () => live.store }))

const broken = ref(true)
const pages = {
  live: { render: () => h('h1', 'Now') },
  facilities: { render: () => h('h1', 'Facilities') },
  breaks: {
    render() {
      if (broken.value) throw new RangeError('no such thing')
      return h('h1', 'Mended')
    },
  },
  refuses: {
    render: () =>
      h('button', {
        class: 'refuses',
        onClick() {
          throw new TypeError('Failed to fetch')
        },
      }),
  },
}

let router: Router
let app: VueWrapper

beforeEach(async () => {
  const source = { name: 'eso', title: 'ESO', credit: 'Based on ESO', policy: 'https://eso.example/policy', health: 'good' }
  const shady = { ...source, name: 'x', title: 'X', policy: 'javascript:alert(1)' }
  live.store = {
    connection: shallowRef({ state: 'live', way: 'socket', heard: 0, retryAt: null }),
    sources: shallowRef([source, shady] as Source[]),
    retry: vi.fn(),
  }
  Object.assign(preferences, readPreferences(null))
  Object.assign(HTMLDialogElement.prototype, { showModal: vi.fn(), close: vi.fn() })
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  broken.value = true
  router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/', component: pages.live },
      { path: '/facilities', component: pages.facilities },
      { path: '/breaks', component: pages.breaks },
      { path: '/refuses', component: pages.refuses },
      { path: '/:all(.*)*', component: pages.live },
    ],
  })
  await router.push('/')
  app = mount(App, { attachTo: document.body, global: { plugins: [router] } })
  await flushPromises()
})

afterEach(() => {
  app.unmount()
  fault.value = null
  session.account.value = null
  for (const one of toasts.value) dismiss(one.id)
  vi.restoreAllMocks()
})

function press(key: string) {
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
}

async function go(path: string) {
  await router.push(path)
  await flushPromises()
}

describe('the frame', () => {
  it('begins with a way past the header to the page', () => {
    const skip = app.get('a.skip')
    expect(app.get(skip.attributes('href') ?? '').element.tagName).toBe('MAIN')
    expect(document.body.querySelector('a')).toBe(skip.element)
  })

  it('says which page is open, and which part of the app a page belongs to', async () => {
    const current = () => app.findAll('.nav-link[aria-current="page"]').map((link) => link.text())
    expect(current()).toEqual(['Live'])
    await go('/facilities')
    expect(current()).toEqual(['Facilities'])
    await go('/facilities/HST')
    expect(app.get('.nav-link[href="/facilities"]').classes()).toContain('within')
    expect(current()).toEqual([])
  })

  it('gives the credit of every source, and links to no policy that is no page', () => {
    const foot = app.get('footer')
    expect(foot.text()).toContain('Based on ESO')
    expect(foot.find('a[href="https://eso.example/policy"]').exists()).toBe(true)
    expect(foot.html()).not.toContain('javascript:')
    expect(foot.text()).toContain('Not affiliated with ESO, NASA, ESA or STScI')
    expect(foot.text()).toMatch(/Starboard \d+\.\d+\.\d+/)
  })

  it('leads back to where one was after signing in', async () => {
    const entrance = () => app.findAll('header a').find((link) => link.text() === 'Sign in')?.attributes('href')
    expect(entrance()).toBe('/login')
    await go('/facilities?x=1')
    expect(entrance()).toBe('/login?next=/facilities?x=1')
    session.account.value = { id: 'a', email: 'ada@example.org' } as Account
    await flushPromises()
    expect(entrance()).toBeUndefined()
    expect(app.find('header [aria-label="Account"]').exists()).toBe(true)
  })

  it('changes the theme by a key, says so, and keeps it', async () => {
    preferences.theme = 'night'
    press('n')
    await flushPromises()
    expect(preferences.theme).toBe('day')
    expect(toasts.value.map((one) => one.message)).toEqual(['Theme: Day'])
  })

  it('lists the keys, those of this page first', async () => {
    press('?')
    await vi.dynamicImportSettled()
    await flushPromises()
    const [here, elsewhere] = app.findAll('dialog dl').map((list) => list.findAll('kbd').map((key) => key.text()))
    expect(here).toEqual(['/', 'n', '?'])
    expect(elsewhere).toContain('j')
  })

  it('turns the clock by a press', async () => {
    const clock = app.get('button.clock')
    expect(clock.text()).toMatch(/^\d\d:\d\d:\d\d UTC$/)
    await clock.trigger('click')
    expect(clock.text()).toMatch(/^\d\d:\d\d:\d\d local$/)
    expect(preferences.clock).toBe('local')
  })
})

describe('a page that breaks', () => {
  it('is replaced by words and can be tried again, the rest stays', async () => {
    await go('/breaks')
    expect(app.get('main h1').text()).toBe('This page broke')
    expect(app.find('header').exists()).toBe(true)
    broken.value = false
    await app.get('main button').trigger('click')
    await flushPromises()
    expect(app.get('main h1').text()).toBe('Mended')
  })

  it('is left behind with the next page', async () => {
    await go('/breaks')
    await go('/facilities')
    expect(app.get('main h1').text()).toBe('Facilities')
  })

  it('is not one where something was only refused', async () => {
    await go('/refuses')
    await app.get('.refuses').trigger('click')
    expect(fault.value).toBeNull()
    expect(toasts.value).toEqual([expect.objectContaining({ kind: 'error', message: expect.stringContaining('can’t be reached') as string })])
  })
})
