import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { h, ref } from 'vue'
import { createMemoryHistory, createRouter, RouterView, type Router } from 'vue-router'
import { navigating, watchArrivals } from '@/app/arrival'
import { routes } from '@/app/router'
import { useTitle } from '@/app/title'

const name = ref<string | null>(null)
const page = (heading: string) => ({ render: () => h('h1', heading) })
const named = {
  setup() {
    useTitle(() => name.value)
    return () => h('h1', 'Named')
  },
}
const loaded = ref(false)
const late = { render: () => (loaded.value ? h('section', [h('h1', 'HST')]) : h('h1', 'Loading')) }
const bare = { render: () => h('p', 'No heading') }

let router: Router
let unmount: () => void

beforeEach(async () => {
  name.value = null
  router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/', component: page('Now'), meta: { title: 'Now' } },
      { path: '/named', component: named, meta: { title: 'Target' } },
      { path: '/bare', component: bare },
      { path: '/late', component: late },
    ],
  })
  watchArrivals(router)
  const app = mount(
    { render: () => h('main', { tabindex: -1 }, [h(RouterView)]) },
    { attachTo: document.body, global: { plugins: [router] } },
  )
  unmount = () => {
    app.unmount()
  }
  await router.push('/')
  await flushPromises()
})

afterEach(() => {
  unmount()
})

async function go(path: string) {
  await router.push(path)
  await flushPromises()
}

describe('arriving at a page', () => {
  it('leaves the focus alone at the first one', () => {
    expect(document.activeElement).toBe(document.body)
    expect(document.title).toBe('Now · Starboard')
  })

  it('puts the focus on the heading of the next', async () => {
    await go('/named')
    expect(document.activeElement?.textContent).toBe('Named')
    expect(document.activeElement?.getAttribute('tabindex')).toBe('-1')
  })

  it('puts it on the main part where there is no heading', async () => {
    await go('/bare')
    expect(document.activeElement?.tagName).toBe('MAIN')
    expect(document.title).toBe('Starboard')
  })

  it('stays with the heading when another takes its place, until the visitor does something', async () => {
    await go('/late')
    expect(document.activeElement?.textContent).toBe('Loading')
    loaded.value = true
    await flushPromises()
    expect(document.activeElement?.textContent).toBe('HST')
    document.dispatchEvent(new KeyboardEvent('keydown', { key: 'x' }))
    loaded.value = false
    await flushPromises()
    expect(document.activeElement).toBe(document.body)
  })

  it('moves nothing when only the filters change', async () => {
    await go('/?text=m31')
    expect(document.activeElement).toBe(document.body)
    expect(navigating.value).toBe(false)
  })

  it('takes the title the page knows, and gives it up with the page', async () => {
    await go('/named')
    expect(document.title).toBe('Target · Starboard')
    name.value = 'M 31'
    await flushPromises()
    expect(document.title).toBe('M 31 · Starboard')
    await go('/')
    expect(document.title).toBe('Now · Starboard')
  })
})

describe('the routes', () => {
  const all = createRouter({ history: createMemoryHistory(), routes })

  it.each([
    ['/', 'live'],
    ['/facilities/ESO-VLT-U1', 'facility'],
    ['/targets', 'targets'],
    ['/targets/M%2031', 'target'],
    ['/sky/10.68,-41.27', 'sky'],
    ['/programmes/ESO/095.F-9802(A)', 'programme'],
    ['/subscriptions/new', 'subscription-new'],
    ['/subscriptions/0199', 'subscription'],
    ['/settings', 'settings'],
    ['/nowhere/at/all', 'not-found'],
  ])('%s is the page %s', (path, page) => {
    const found = all.resolve(path)
    expect(found.name).toBe(page)
    expect(found.meta.title).toBeTruthy()
  })

  it('a link from a mail opens the board with the activity', () => {
    const redirect = routes.find((route) => route.path === '/activities/:id')?.redirect
    const to = { params: { id: '0199' }, query: { text: 'x' } }
    expect(typeof redirect === 'function' ? redirect(to as never, to as never) : null).toEqual({ path: '/', query: { text: 'x', a: '0199' } })
  })
})
