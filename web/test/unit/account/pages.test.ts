import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { api } from '@/api/client'
import { session } from '@/account/session'
import ForgotPage from '@/account/ForgotPage.vue'
import LoginPage from '@/account/LoginPage.vue'
import RegisterPage from '@/account/RegisterPage.vue'
import { keep } from '@/subscriptions/kept'
import { newDraft } from '@/subscriptions/draft'

const account = { id: '1', email: 'astronomer@example.org', role: 'user', time_zone: 'UTC', totp: true, created_at: '2026-11-21T00:00:00Z' }

/** An answer of the server, as the client hands it on. */
function answer(status: number, body?: unknown) {
  const response = new Response(null, { status })
  return (status < 400 ? { data: body, response } : { error: body, response }) as never
}

const problem = (type: string, detail: string, field?: string) => ({ type, title: '', status: 401, detail, field })

let page: VueWrapper
const post = vi.spyOn(api, 'POST')
const get = vi.spyOn(api, 'GET')

async function open(component: object, path: string) {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:path(.*)*', component: {} }] })
  await router.push(path)
  page = mount(component, { global: { plugins: [router] }, attachTo: document.body })
  return router
}

beforeEach(() => {
  localStorage.clear()
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(null, { status: 404 })))
})

afterEach(() => {
  page.unmount()
  session.account.value = null
  vi.resetAllMocks()
  vi.unstubAllGlobals()
})

describe('signing in', () => {
  async function submit() {
    await page.get('#login-email').setValue(' astronomer@example.org ')
    await page.get('#login-password').setValue('orbit-on-time-42')
    await page.get('form').trigger('submit')
    await flushPromises()
  }

  it('leads back to where one was', async () => {
    const router = await open(LoginPage, '/login?next=/settings%23tokens')
    post.mockResolvedValue(answer(200, {}))
    get.mockResolvedValue(answer(200, account))
    await submit()
    expect(post.mock.calls[0]?.[1]).toEqual({ body: { email: 'astronomer@example.org', password: 'orbit-on-time-42' } })
    expect(router.currentRoute.value.fullPath).toBe('/settings#tokens')
  })

  it('leads to the subscription one meant to save, when it says no other place', async () => {
    keep(newDraft(), true)
    const router = await open(LoginPage, '/login?next=//evil.example.com')
    post.mockResolvedValue(answer(200, {}))
    get.mockResolvedValue(answer(200, account))
    await submit()
    expect(router.currentRoute.value.fullPath).toBe('/subscriptions/new')
  })

  it('asks for a code only once the server does, and puts the cursor there', async () => {
    await open(LoginPage, '/login')
    expect(page.find('#login-code').exists()).toBe(false)
    post.mockResolvedValueOnce(answer(401, problem('/problems/code', 'a code is needed', 'totp')))
    await submit()
    expect([page.find('.field-error').exists(), document.activeElement?.id]).toEqual([false, 'login-code'])
    post.mockResolvedValueOnce(answer(401, problem('/problems/code', 'the code does not fit, or was used already', 'totp')))
    await page.get('#login-code').setValue('123 456')
    await submit()
    expect(post.mock.calls[1]?.[1]).toMatchObject({ body: { totp: '123456' } })
    expect(page.get('#login-code-error').text()).toBe('The code does not fit, or was used already.')
  })

  it('says that address and password do not fit, and no more', async () => {
    await open(LoginPage, '/login')
    post.mockResolvedValueOnce(answer(401, problem('/problems/login', 'address and password do not fit')))
    await submit()
    expect(page.get('[role=alert]').text()).toBe('Address and password do not fit.')
  })
})

describe('signing up', () => {
  async function submit() {
    await page.get('#register-email').setValue('astronomer@example.org')
    await page.get('#register-password').setValue('orbit-on-time-42')
    await page.get('form').trigger('submit')
    await flushPromises()
  }

  it('says which address the mail went to, and lets it be changed', async () => {
    await open(RegisterPage, '/register')
    post.mockResolvedValue(answer(202))
    await submit()
    expect(page.text()).toContain('If astronomer@example.org can have an account')
    expect(page.findAll('button').map((button) => button.text())).toContain('Send it again (in 60 s)')
    await page.findAll('button').find((button) => button.text() === 'Use another address')?.trigger('click')
    expect((page.get('#register-email').element as HTMLInputElement).value).toBe('astronomer@example.org')
  })

  it('links to the outbox only where there is one', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response(null, { headers: { 'content-type': 'text/css' } })))
    await open(RegisterPage, '/register')
    post.mockResolvedValue(answer(202))
    await submit()
    expect(page.find('a[href="/outbox"]').exists()).toBe(true)
  })

  it('stands a refusal beside its field', async () => {
    await open(RegisterPage, '/register')
    post.mockResolvedValueOnce(answer(400, problem('/problems/invalid', 'password: it takes 10 to 200 characters', 'password')))
    await submit()
    expect(page.get('#register-password-error').text()).toBe('It takes 10 to 200 characters.')
  })

  it('goes on with the subscription once the link was followed', async () => {
    const router = await open(RegisterPage, '/register?next=/subscriptions/new?facility=HST')
    post.mockResolvedValueOnce(answer(202))
    await submit()
    const confirmed = () => page.findAll('button').find((button) => button.text() === 'I have followed the link')?.trigger('click')
    post.mockResolvedValueOnce(answer(401, problem('/problems/login', 'address and password do not fit')))
    await confirmed()
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/register')
    post.mockResolvedValueOnce(answer(200, {}))
    get.mockResolvedValueOnce(answer(200, account))
    await confirmed()
    await flushPromises()
    expect(router.currentRoute.value.fullPath).toBe('/subscriptions/new?facility=HST')
  })
})

describe('a forgotten password', () => {
  it('gets the same answer whether or not the address has an account', async () => {
    await open(ForgotPage, '/forgot')
    post.mockResolvedValue(answer(202))
    await page.get('#forgot-email').setValue('nobody@example.org')
    await page.get('form').trigger('submit')
    await flushPromises()
    expect(page.text()).toContain('If nobody@example.org has an account, a mail with a link is on its way.')
  })
})
