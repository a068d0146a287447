import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { addressOf, api, ask } from '@/api/client'
import { storedAt } from '@/api/stored'

const fetched = vi.fn<(address: string, request: RequestInit) => Promise<Response>>()
const ORIGIN = window.location.origin

beforeEach(() => {
  vi.stubGlobal('fetch', fetched)
})

afterEach(() => {
  vi.unstubAllGlobals()
  fetched.mockReset()
})

function answer(body: string | null, status = 200, headers: Record<string, string> = {}) {
  fetched.mockResolvedValueOnce(new Response(body, { status, headers }))
}

describe('an address', () => {
  it('has its values in place, whatever is in them', () => {
    const path = { obs_collection: 'ESO', id: '095.F-9802(A)/ä' }
    expect(addressOf('/api/programmes/{obs_collection}/{id}', { params: { path } })).toBe(`${ORIGIN}/api/programmes/ESO/095.F-9802(A)%2F%C3%A4`)
  })

  it('repeats the keys of lists and leaves out what is not there', () => {
    const query = { facility: ['HST', 'JWST'], text: 'm 31', limit: 5, cursor: null, at: undefined }
    expect(addressOf('/api/activities', { params: { query } })).toBe(`${ORIGIN}/api/activities?facility=HST&facility=JWST&text=m+31&limit=5`)
    expect(addressOf('/api/activities', { querySerializer: () => 'a=b' })).toBe(`${ORIGIN}/api/activities?a=b`)
  })
})

describe('a request', () => {
  it('reads with the session of this origin alone', async () => {
    answer('{"items":[]}')
    const { signal } = new AbortController()
    await expect(ask(api.GET('/api/sources', { signal }))).resolves.toEqual({ items: [] })
    expect(fetched).toHaveBeenCalledExactlyOnceWith(`${ORIGIN}/api/sources`, {
      method: 'GET',
      headers: { accept: 'application/json' },
      credentials: 'same-origin',
      signal,
    })
  })

  it('writes JSON, and takes an answer without content', async () => {
    answer(null, 204)
    await expect(ask(api.POST('/api/auth/logout'))).resolves.toBeUndefined()
    answer('{"email":"ada@example.org","role":"user"}')
    await ask(api.POST('/api/auth/login', { body: { email: 'ada@example.org', password: 'a long one' } }))
    const [, request] = fetched.mock.lastCall ?? []
    expect(request).toMatchObject({ method: 'POST', body: '{"email":"ada@example.org","password":"a long one"}' })
    expect(request?.headers).toMatchObject({ 'content-type': 'application/json' })
  })

  it('fails with the server’s problem, or with what a proxy said in its place', async () => {
    answer('{"type":"/problems/not-found","title":"Not found","status":404,"detail":"no such target"}', 404)
    await expect(ask(api.GET('/api/sources'))).rejects.toMatchObject({ status: 404, message: 'no such target' })
    answer('<h1>Bad gateway</h1>', 502)
    await expect(ask(api.GET('/api/sources'))).rejects.toMatchObject({ status: 502, problem: null })
  })

  it('notes that an answer was one the device kept', async () => {
    answer('{}', 200, { 'x-starboard-stored': '2026-11-21T03:12:00Z' })
    await api.GET('/api/sources')
    expect(storedAt.value).toBe('2026-11-21T03:12:00Z')
  })
})
