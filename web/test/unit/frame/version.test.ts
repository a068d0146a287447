import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { watchFetching } from '@/app/fetching'
import { breaksPage, fault } from '@/app/faults'
import { isMissingChunk, lookForNewVersion, newVersion, putAside } from '@/app/version'
import { dismiss, toasts } from '@/ui/toast'

const served = (script: string) => `<!doctype html><script type="module" crossorigin src="${script}"></script><div id="app"></div>`
const missing = () => Promise.reject(new TypeError('Failed to fetch dynamically imported module: https://x/assets/a.js'))
const fetched = vi.fn<() => Promise<Response>>()

beforeEach(() => {
  document.head.innerHTML = '<script type="module" src="/assets/index-old.js"></script>'
  fetched.mockResolvedValue(new Response(served('/assets/index-old.js')))
  vi.stubGlobal('fetch', fetched)
})

afterEach(() => {
  vi.unstubAllGlobals()
  document.head.replaceChildren()
  putAside()
  fault.value = null
  for (const one of toasts.value) dismiss(one.id)
})

async function open(...paths: string[]) {
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/', component: {} }, { path: '/lazy', component: missing }],
  })
  watchFetching(router)
  for (const path of paths) await router.push(path).catch(() => undefined)
  await flushPromises()
}

describe('a new version', () => {
  it('is known by another script in the server’s page', async () => {
    expect(await lookForNewVersion()).toBe(false)
    fetched.mockResolvedValue(new Response(served('/assets/index-new.js')))
    expect(await lookForNewVersion()).toBe(true)
    expect(newVersion.value).toBe(true)
  })

  it('is not seen in an answer that is no page, or in none', async () => {
    fetched.mockResolvedValue(new Response('later', { status: 503 }))
    expect(await lookForNewVersion()).toBe(false)
    fetched.mockRejectedValue(new TypeError('Failed to fetch'))
    expect(await lookForNewVersion()).toBe(false)
    fetched.mockResolvedValue(new Response('<h1>Now</h1>'))
    expect(await lookForNewVersion()).toBe(false)
  })

  it('is offered, not taken, when the code of a page is gone', async () => {
    fetched.mockResolvedValue(new Response(served('/assets/index-new.js')))
    await open('/', '/lazy')
    expect(newVersion.value).toBe(true)
    expect(toasts.value).toEqual([])
    expect(fault.value).toBeNull()
  })
})

describe('a page that does not come', () => {
  it('leaves the page that is open as it is', async () => {
    fetched.mockRejectedValue(new TypeError('Failed to fetch'))
    await open('/', '/lazy')
    expect(toasts.value).toEqual([expect.objectContaining({ kind: 'error' })])
    expect(fault.value).toBeNull()
  })

  it('is said in its place when it is the first', async () => {
    fetched.mockRejectedValue(new TypeError('Failed to fetch'))
    await open('/lazy')
    expect(fault.value).toMatchObject({ missing: true })
  })

  it('is told from other errors in the words of each browser', () => {
    const words = ['Failed to fetch dynamically imported module: x', 'error loading dynamically imported module: x', 'Importing a module script failed.', 'Unable to preload CSS for /assets/x.css']
    for (const one of words) expect(isMissingChunk(new TypeError(one))).toBe(true)
    expect(isMissingChunk(new TypeError('x is not a function'))).toBe(false)
  })
})

describe('an error', () => {
  it.each(['setup function', 'render function', 'https://vuejs.org/error-reference/#runtime-1', 'https://vuejs.org/error-reference/#runtime-m'])(
    'in %s breaks the page',
    (info) => {
      expect(breaksPage(info)).toBe(true)
    },
  )

  it.each(['native event handler', 'watcher callback', 'https://vuejs.org/error-reference/#runtime-5', 'https://vuejs.org/error-reference/#runtime-14'])(
    'in %s does not',
    (info) => {
      expect(breaksPage(info)).toBe(false)
    },
  )
})
