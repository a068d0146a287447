import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { type Router, createMemoryHistory, createRouter } from 'vue-router'
import { api } from '@/api/client'
import { session } from '@/account/session'
import type { Account, Subscription } from '@/api/types'
import { bodyOf, newDraft } from '@/subscriptions/draft'
import { type Editing, useEditing } from '@/subscriptions/editing'
import { keep, kept } from '@/subscriptions/kept'

const post = vi.spyOn(api, 'POST')
const patch = vi.spyOn(api, 'PATCH')
const get = vi.spyOn(api, 'GET')

const ok = (data: unknown, status = 200) => ({ data, response: new Response(null, { status }) }) as never
const refused = (status: number, error: unknown) => ({ error, response: new Response(null, { status }) }) as never

function subscription(change: Partial<Subscription> = {}): Subscription {
  const draft = { ...newDraft(), filter: { facility: ['HST'] } }
  return { ...bodyOf(draft, 'HST'), id: 'a1', active: true, webhook: null, created_at: '', changed_at: '', ...change } as Subscription
}

let editing: Editing
let router: Router
let unmount: () => void

/** How long the parts of the page for newcomers take to come, milliseconds. */
const SLOW = 3000

async function edit(address: string, id: string | null = null) {
  const slow = () => new Promise<object>((come) => setTimeout(() => come({}), SLOW)) as never
  router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/register', component: slow },
      { path: '/:path(.*)*', component: {} },
    ],
  })
  await router.push(address)
  const Page = defineComponent({
    setup() {
      editing = useEditing(id)
      return () => h('div')
    },
  })
  const page = mount(Page, { global: { plugins: [router] } })
  unmount = () => {
    page.unmount()
  }
  await flushPromises()
}

/** Lets the address follow. */
async function settled() {
  await vi.advanceTimersByTimeAsync(500)
  await flushPromises()
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-21T12:00:00Z') })
  localStorage.clear()
  session.known.value = true
  session.account.value = { id: '1', email: 'astronomer@example.org' } as Account
})

afterEach(() => {
  unmount()
  vi.resetAllMocks()
  vi.useRealTimers()
  session.account.value = null
})

describe('a new subscription', () => {
  it('writes itself into the address, and onto the device once somebody has touched it', async () => {
    await edit('/subscriptions/new')
    await settled()
    expect([router.currentRoute.value.query, kept()]).toEqual([{ intent: ['science', 'null'], event: ['started', 'observed'] }, null])
    editing.draft.value = { ...editing.draft.value, filter: {}, webhook: 'https://hooks.example.org/x' }
    await settled()
    expect(router.currentRoute.value.query).toEqual({ intent: 'any', event: ['started', 'observed'] })
    expect(kept()).toMatchObject({ saving: false, draft: { webhook: 'https://hooks.example.org/x' } })
  })

  it('calls nobody back who goes to sign up right after a change', async () => {
    await edit('/subscriptions/new')
    await settled()
    session.account.value = null
    editing.draft.value = { ...editing.draft.value, filter: { facility: ['HST'] } }
    await flushPromises()
    editing.signIn('/register')
    await vi.advanceTimersByTimeAsync(SLOW + 100)
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/register')
    expect(router.currentRoute.value.query.next).toContain('facility=HST')
  })

  it('comes back after signing in, with the webhook that no address holds', async () => {
    await edit('/subscriptions/new?facility=HST')
    editing.draft.value = { ...editing.draft.value, webhook: 'https://hooks.example.org/x' }
    editing.signIn('/register')
    await flushPromises()
    const { next } = router.currentRoute.value.query
    unmount()
    await edit(String(next))
    expect([editing.draft.value.webhook, editing.draft.value.filter.facility, editing.wasResumed.value]).toEqual([
      'https://hooks.example.org/x',
      ['HST'],
      true,
    ])
  })

  it('comes back without its address in the browser it was made in', async () => {
    keep({ ...newDraft(), filter: { target: ['M31'] } }, true)
    await edit('/subscriptions/new')
    expect([editing.draft.value.filter, editing.wasResumed.value]).toEqual([{ target: ['M31'] }, true])
    editing.startOver()
    expect([editing.draft.value, kept()]).toEqual([newDraft(), null])
  })

  it('is forgotten as a draft once it is saved, and called by its rule', async () => {
    await edit('/subscriptions/new?facility=HST&intent=any')
    await settled()
    post.mockResolvedValueOnce(ok(subscription(), 201))
    await editing.save(false)
    await flushPromises()
    expect(post.mock.calls[0]?.[1]).toMatchObject({ body: { name: 'HST', filter: { facility: ['HST'] } } })
    expect([router.currentRoute.value.fullPath, kept()]).toEqual(['/subscriptions/a1', null])
  })

  it('shows the secret of its webhook before it goes on', async () => {
    await edit('/subscriptions/new?facility=HST')
    post.mockResolvedValueOnce(ok(subscription({ webhook_secret: 'whsec_abc' }), 201))
    await editing.save(false)
    await settled()
    expect([editing.secret.value, router.currentRoute.value.path]).toEqual(['whsec_abc', '/subscriptions/new'])
    editing.secretKept()
    await flushPromises()
    expect([editing.secret.value, router.currentRoute.value.path, kept()]).toEqual([null, '/subscriptions/a1', null])
  })

  it('stays saved when no sample of it can be sent', async () => {
    await edit('/subscriptions/new?facility=HST')
    post.mockResolvedValueOnce(ok(subscription(), 201)).mockResolvedValueOnce(refused(503, { detail: 'this hub sends no mail' }))
    await editing.sample()
    await flushPromises()
    expect([editing.saving.error.value, router.currentRoute.value.fullPath]).toEqual([null, '/subscriptions/a1#deliveries'])
  })

  it('keeps what was typed when the server refuses it', async () => {
    await edit('/subscriptions/new?facility=Hubbel')
    post.mockResolvedValueOnce(refused(400, { detail: '`filter.facility` takes a telescope', field: 'filter.facility' }))
    await editing.save(false)
    expect(editing.saving.error.value).toMatchObject({ status: 400, field: 'filter.facility' })
    expect(editing.draft.value.filter.facility).toEqual(['Hubbel'])
  })
})

describe('a saved subscription', () => {
  it('puts only what was changed into the address, and is renamed with its rule', async () => {
    get.mockResolvedValueOnce(ok(subscription()))
    await edit('/subscriptions/a1', 'a1')
    await settled()
    expect([router.currentRoute.value.fullPath, editing.isChanged.value, editing.draft.value.name]).toEqual(['/subscriptions/a1', false, ''])
    editing.draft.value = { ...editing.draft.value, filter: { facility: ['JWST'] } }
    await settled()
    expect([router.currentRoute.value.query.facility, editing.isChanged.value]).toEqual(['JWST', true])
    patch.mockResolvedValueOnce(ok(subscription({ name: 'JWST', filter: { facility: ['JWST'] } })))
    await editing.save(false)
    await flushPromises()
    expect(patch.mock.calls[0]?.[1]).toMatchObject({ body: { name: 'JWST' } })
    expect([router.currentRoute.value.fullPath, editing.isChanged.value]).toEqual(['/subscriptions/a1', false])
  })

  it('leads who is not signed in to sign in, and back', async () => {
    session.account.value = null
    get.mockResolvedValueOnce(refused(401, { type: '/problems/sign-in', detail: 'this takes a session' }))
    await edit('/subscriptions/a1', 'a1')
    expect(router.currentRoute.value.fullPath).toBe('/login?next=/subscriptions/a1')
  })

  it('says so when it is gone', async () => {
    get.mockResolvedValueOnce(refused(404, { detail: 'no such subscription' }))
    await edit('/subscriptions/a1', 'a1')
    expect([editing.loading.error.value, editing.isReady.value]).toMatchObject([{ status: 404 }, false])
  })
})
