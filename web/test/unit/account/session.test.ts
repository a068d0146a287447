import { describe, expect, it, vi } from 'vitest'
import { ApiProblem } from '@/api/errors'
import type { Account } from '@/api/types'
import { type SessionServer, createSession } from '@/account/session'

const account = { id: '1', email: 'astronomer@example.org', role: 'user', time_zone: 'UTC', totp: false, created_at: '2026-11-21T00:00:00Z' } as Account
const signedOut = new ApiProblem(401, { type: '/problems/sign-in', title: 'Sign in to do this', status: 401, detail: 'this takes a session' })

function server(given: Partial<SessionServer> = {}): SessionServer {
  return { me: () => Promise.resolve(account), login: () => Promise.resolve(), logout: () => Promise.resolve(), ...given }
}

describe('the session', () => {
  it('knows nobody before the server has said who it is', async () => {
    const { session, refresh } = createSession(server())
    expect([session.known.value, session.account.value]).toEqual([false, null])
    await refresh()
    expect([session.known.value, session.account.value?.email]).toEqual([true, 'astronomer@example.org'])
  })

  it('knows that nobody is signed in when the server says so', async () => {
    const { session, refresh } = createSession(server({ me: () => Promise.reject(signedOut) }))
    await refresh()
    expect([session.known.value, session.account.value]).toEqual([true, null])
  })

  it('keeps who was signed in while the server is out of reach', async () => {
    const me = vi.fn(server().me)
    const { session, refresh } = createSession(server({ me }))
    await refresh()
    me.mockRejectedValueOnce(new TypeError('network'))
    await expect(refresh()).rejects.toThrow('network')
    expect(session.account.value).toBe(account)
  })

  it('asks once when several parts of the page ask at the same time', async () => {
    const me = vi.fn(server().me)
    const { refresh } = createSession(server({ me }))
    await Promise.all([refresh(), refresh(), refresh()])
    expect(me).toHaveBeenCalledTimes(1)
  })

  it('settles by asking unless it is known, and takes no answer for no news', async () => {
    const me = vi.fn(server().me).mockRejectedValueOnce(new TypeError('network'))
    const { session, settle } = createSession(server({ me }))
    await settle()
    expect(session.known.value).toBe(false)
    await settle()
    await settle()
    expect([session.known.value, me.mock.calls.length]).toEqual([true, 2])
  })

  it('signs in with what it is given and asks who that is', async () => {
    const login = vi.fn(() => Promise.resolve())
    const { session, login: enter } = createSession(server({ login }))
    await enter({ email: 'astronomer@example.org', password: 'orbit-on-time-42', totp: '123456' })
    expect(login).toHaveBeenCalledWith({ email: 'astronomer@example.org', password: 'orbit-on-time-42', totp: '123456' })
    expect(session.account.value).toBe(account)
  })

  it('stays signed out when the server refuses', async () => {
    const { session, login } = createSession(server({ login: () => Promise.reject(new ApiProblem(401, null)) }))
    await expect(login({ email: 'a@example.org', password: 'wrong' })).rejects.toBeInstanceOf(ApiProblem)
    expect(session.account.value).toBeNull()
  })

  it('forgets who it was after signing out', async () => {
    const { session, refresh, logout } = createSession(server())
    await refresh()
    await logout()
    expect([session.known.value, session.account.value]).toEqual([true, null])
  })
})
