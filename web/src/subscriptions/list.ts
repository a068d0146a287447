/** One's subscriptions with how each stands. */
import { onScopeDispose, reactive, shallowRef, type ShallowRef } from 'vue'
import { ApiProblem } from '@/api/errors'
import type { Subscription } from '@/api/types'
import { draftOf } from './draft'
import { allSubscriptions, changeSubscription, duplicateSubscription, look, readDeliveries, removeSubscription } from './server'
import type { Standing } from './standing'

/** Deliveries looked at to say how one stands. */
const NEWEST = 20
/** Tries of a count for which the server had no room. */
const TRIES = 5

/** The list and what can be done with it. */
export interface SubscriptionList {
  /** Oldest first; null before they have come. */
  items: ShallowRef<Subscription[] | null>
  standing(id: string): Standing | undefined
  load(): Promise<void>
  setActive(subscription: Subscription, active: boolean): Promise<void>
  setAll(active: boolean): Promise<number>
  duplicate(subscription: Subscription): Promise<Subscription>
  remove(subscription: Subscription): Promise<void>
}

/** The subscriptions of whoever is signed in, for as long as the calling component lives. */
export function useSubscriptions(): SubscriptionList {
  const items = shallowRef<Subscription[] | null>(null)
  const standings = reactive(new Map<string, Standing>())
  const gone = new AbortController()
  onScopeDispose(() => {
    gone.abort()
  })
  let round = 0

  async function load() {
    round += 1
    items.value = await allSubscriptions()
    void measure(items.value, round)
  }

  /** One after the other: the server makes two counts at once for a network, and people have other pages open. */
  async function measure(all: readonly Subscription[], mine: number) {
    for (const subscription of all) {
      if (gone.signal.aborted || round !== mine) return
      if (!standings.has(subscription.id)) {
        standings.set(subscription.id, { matches: null, deliveries: null, settled: false })
      }
      const deliveries = await quietly(() => readDeliveries(subscription.id, NEWEST, null))
      note(subscription.id, { deliveries: deliveries?.items ?? null })
      note(subscription.id, { matches: await count(subscription, 0), settled: true })
    }
  }

  function note(id: string, change: Partial<Standing>) {
    const before = standings.get(id)
    if (before) standings.set(id, { ...before, ...change })
  }

  async function count(subscription: Subscription, tries: number): Promise<Standing['matches']> {
    try {
      return await look(draftOf(subscription), gone.signal)
    } catch (error) {
      const full = error instanceof ApiProblem && error.status === 429
      if (!full || tries >= TRIES) return null
      await new Promise((resolve) => window.setTimeout(resolve, (error.retryAfter ?? 1) * 1000))
      return count(subscription, tries + 1)
    }
  }

  function put(changed: Subscription) {
    items.value = (items.value ?? []).map((one) => (one.id === changed.id ? changed : one))
  }

  return {
    items,
    standing: (id) => standings.get(id),
    load,
    async setActive(subscription, active) {
      put(await changeSubscription(subscription.id, { active }))
    },
    async setAll(active) {
      const others = (items.value ?? []).filter((one) => one.active !== active)
      for (const one of others) put(await changeSubscription(one.id, { active }))
      return others.length
    },
    async duplicate(subscription) {
      const copy = await duplicateSubscription(subscription.id)
      await load()
      return copy
    },
    async remove(subscription) {
      await removeSubscription(subscription.id)
      items.value = (items.value ?? []).filter((one) => one.id !== subscription.id)
      standings.delete(subscription.id)
    },
  }
}

async function quietly<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch {
    return null
  }
}
