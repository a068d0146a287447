/** Who is signed in, for the whole app. */
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { api, ask } from '@/api/client'
import { ApiProblem } from '@/api/errors'
import type { Account } from '@/api/types'

/** Who is signed in, as far as the server said. */
export interface SessionState {
  /** The account; null when nobody is signed in, or nothing is known yet. */
  account: ShallowRef<Account | null>
  /** Whether the server has said who is signed in. */
  known: Ref<boolean>
}

/** What a session asks of the server. */
export interface SessionServer {
  /** The account; throws a problem of status 401 when nobody is signed in. */
  me(): Promise<Account>
  /** Signs in; the session is in a cookie that scripts cannot read. */
  login(credentials: Credentials): Promise<unknown>
  /** Ends the session of the cookie. */
  logout(): Promise<unknown>
}

/** What signs in. */
export interface Credentials {
  /** The address. */
  email: string
  /** The password. */
  password: string
  /** Six digits of the second factor, or a recovery code. */
  totp?: string
}

/** Makes a session that asks the given server. */
export function createSession(server: SessionServer) {
  const session: SessionState = { account: shallowRef(null), known: ref(false) }
  let asking: Promise<Account | null> | null = null

  async function askOnce(): Promise<Account | null> {
    try {
      session.account.value = await server.me()
      session.known.value = true
    } catch (error) {
      // Without an answer nobody was signed out: what was known stays.
      if (!isSignedOut(error)) throw error
      session.account.value = null
      session.known.value = true
    }
    return session.account.value
  }

  /** Asks the server who is signed in; questions at the same time are one. */
  function refresh(): Promise<Account | null> {
    asking ??= askOnce().finally(() => (asking = null))
    return asking
  }

  /** Signs in; throws what the server has against it. */
  async function login(credentials: Credentials): Promise<Account | null> {
    await server.login(credentials)
    return refresh()
  }

  /** Signs out here; the server forgets the session. */
  async function logout(): Promise<void> {
    await server.logout()
    forget()
  }

  /** Notes that nobody is signed in any more, without asking. */
  function forget(): void {
    session.account.value = null
    session.known.value = true
  }

  /** Asks who is signed in unless that is known; without an answer it stays unknown. */
  async function settle(): Promise<void> {
    if (session.known.value) return
    try {
      await refresh()
    } catch {
      // Out of reach: whoever asks for something of an account hears of it then.
    }
  }

  return { session, refresh, settle, login, logout, forget }
}

/** Whether a problem says that nobody is signed in, or no longer. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 401 && error.problem?.type === '/problems/sign-in'
}

export const { session, refresh, settle, login, logout, forget } = createSession({
  me: () => ask(api.GET('/api/me')),
  login: (body) => ask(api.POST('/api/auth/login', { body })),
  logout: () => ask(api.POST('/api/auth/logout')),
})
