import { randomUUID } from 'node:crypto'
import type { BrowserContext } from 'playwright-core'
import { PATIENCE, type Server } from './server'

/** Somebody with an account. */
export interface Person {
  email: string
  password: string
}

/** Somebody new; the address is reserved for examples. */
export function somebody(): Person {
  return { email: `${randomUUID().slice(0, 8)}@example.org`, password: `open-${randomUUID()}` }
}

/** The newest mail in the outbox to an address whose text fits, or null. */
async function mailTo(server: Server, email: string, fits: RegExp): Promise<string | null> {
  const list = await (await fetch(`${server.url}/outbox`)).text()
  for (const [, id] of list.matchAll(/href="\/outbox\/([0-9a-f-]{36})"/g)) {
    const source = await (await fetch(`${server.url}/outbox/${id}`)).text()
    if (source.includes(email) && fits.test(source)) return source
  }
  return null
}

/** Waits for a mail. */
export async function awaitMail(server: Server, email: string, fits: RegExp, patience = PATIENCE): Promise<string> {
  const until = Date.now() + patience
  for (;;) {
    const mail = await mailTo(server, email, fits)
    if (mail) return mail
    if (Date.now() > until) throw new Error(`no mail to ${email} with ${fits.source}`)
    await new Promise((done) => setTimeout(done, 250))
  }
}

/** A link of this kind in a mail, as a path of the server. */
export function linkIn(mail: string, kind: 'verify' | 'reset' | 'unsubscribe'): string {
  const found = new RegExp(`/${kind}/[A-Za-z0-9_.~-]+`).exec(mail)
  if (!found) throw new Error(`no ${kind} link in the mail`)
  return found[0]
}

/** Gives a window an account that is proven and signed in, past the forms (which have a test of their own). */
export async function join(context: BrowserContext, server: Server, person = somebody()): Promise<Person> {
  const headers = { origin: server.url }
  const call = async (path: string, data: object) => {
    const answer = await context.request.post(`${server.url}${path}`, { headers, data })
    if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`)
  }
  await call('/api/auth/register', person)
  const mail = await awaitMail(server, person.email, /\/verify\//)
  await call('/api/auth/verify', { token: linkIn(mail, 'verify').replace('/verify/', '') })
  await call('/api/auth/login', person)
  // As the form leaves it: the app asks who is here where somebody was before.
  await context.addInitScript(() => {
    localStorage.setItem('starboard.visitor', 'known')
  })
  return person
}
