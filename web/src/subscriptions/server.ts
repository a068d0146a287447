/** What the pages of subscriptions ask of the server. */
import { type Answer, api, ask } from '@/api/client'
import type { components } from '@/api/schema'
import type { Delivery, Preview, Subscription, SubscriptionDraft } from '@/api/types'
import type { Question, PreviewWorld } from './preview'

/** Asks for a preview of the last 30 days. */
export function look(question: Question, signal: AbortSignal): Promise<Preview> {
  const body = { filter: question.filter, events: question.events, once_per: question.oncePer }
  return ask(api.POST('/api/subscriptions/preview', { body, signal }))
}

/** The browser's timers and our server. */
export const world: PreviewWorld = {
  look,
  later(wait, call) {
    const timer = window.setTimeout(call, wait)
    return () => {
      window.clearTimeout(timer)
    }
  },
}

/** Makes a subscription. */
export const createSubscription = (body: SubscriptionDraft): Promise<Subscription> =>
  ask(api.POST('/api/subscriptions', { body }))

/** Changes what is given of a subscription. */
export const changeSubscription = (id: string, body: SubscriptionDraft): Promise<Subscription> =>
  ask(api.PATCH('/api/subscriptions/{id}', { params: { path: { id } }, body }))

/** One of one's own. */
export const readSubscription = (id: string): Promise<Subscription> =>
  ask(get('/api/subscriptions/{id}', { path: { id } }) as Promise<Answer<Subscription>>)

/** Sends a sample by every channel; answers how many. */
export const sendSample = async (id: string): Promise<number> =>
  (await ask(api.POST('/api/subscriptions/{id}/test', { params: { path: { id } } }))).queued

/** A page of deliveries, newest first. */
export const readDeliveries = (id: string, limit: number, cursor: string | null): Promise<DeliveryPage> =>
  ask(get('/api/subscriptions/{id}/deliveries', { path: { id }, query: { limit, ...(cursor && { cursor }) } }) as Promise<Answer<DeliveryPage>>)

/** All of one's own, oldest first. */
export async function allSubscriptions(): Promise<Subscription[]> {
  const all: Subscription[] = []
  let cursor: string | null = null
  do {
    const query = { limit: 200, ...(cursor && { cursor }) }
    const page: SubscriptionPage = await ask(get('/api/subscriptions', { query }) as Promise<Answer<SubscriptionPage>>)
    all.push(...page.items)
    cursor = page.next ?? null
  } while (cursor !== null)
  return all
}

/** Removes a subscription and what waits to be delivered for it. */
export const removeSubscription = (id: string): Promise<unknown> =>
  ask(api.DELETE('/api/subscriptions/{id}', { params: { path: { id } } }))

/** Makes a paused copy. */
export const duplicateSubscription = (id: string): Promise<Subscription> =>
  ask(api.POST('/api/subscriptions/{id}/duplicate', { params: { path: { id } } }))

/** Adds the subscriptions of a file: all of them, or none. */
export const importFile = async (file: unknown): Promise<Subscription[]> =>
  (await ask(api.POST('/api/subscriptions/import', { body: file as PortableIn }))).items

/** Gives the webhook another secret. */
export const rotateSecret = (id: string): Promise<WebhookSecret> =>
  ask(api.POST('/api/subscriptions/{id}/webhook/rotate', { params: { path: { id } } }) as Promise<Answer<unknown>> as Promise<Answer<WebhookSecret>>)

/** Sends the webhook again what happened since a time; answers how many. */
export const replaySince = async (id: string, since: string): Promise<number> =>
  (await ask(api.POST('/api/subscriptions/{id}/webhook/replay', { params: { path: { id } }, body: { since } }))).queued

/** A webhook's new secret. */
export interface WebhookSecret {
  secret: string
  /** Until when the one before signs as well. */
  old_until: string
}

interface SubscriptionPage {
  items: Subscription[]
  next?: string | null
}

type PortableIn = components['schemas']['PortableIn']

/** Reads what the API's description types as something else of the same name. */
function get(path: string, params: object): Promise<Answer<unknown>> {
  const read = api.GET as unknown as (path: string, init: { params: object }) => Promise<Answer<unknown>>
  return read(path, { params })
}

/** Deliveries, and the cursor of older ones. */
export interface DeliveryPage {
  items: Delivery[]
  next?: string | null
}
