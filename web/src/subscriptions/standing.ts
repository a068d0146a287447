/** How a subscription stands: what it would bring, what it last sent, whether delivery works. */
import { stateWords } from '@/messages/subscriptions'
import type { Delivery, Preview, Subscription } from '@/api/types'

/** What is known of a subscription beside itself; null: not asked yet, or not answered. */
export interface Standing {
  /** Matches since when they were counted, 30 days at most, and whether there was no time to count them all. */
  matches: Pick<Preview, 'count' | 'partial' | 'since'> | null
  /** The newest deliveries, newest first. */
  deliveries: Delivery[] | null
  /** Nothing more will be known. */
  settled: boolean
}

/** Delivery in a word or two. */
export interface DeliveryState {
  words: string
  kind: 'fine' | 'off' | 'bad'
}

/** When something was sent last, samples aside; null when nothing was. */
export function lastSent(deliveries: readonly Delivery[]): string | null {
  const sent = deliveries.find(({ state, sample }) => state === 'sent' && !sample)
  return sent?.finished_at ?? null
}

/** How delivery goes; `now` in milliseconds. */
export function deliveryState(subscription: Subscription, deliveries: readonly Delivery[] | null, now: number): DeliveryState {
  const { webhook, mute_until: mute } = subscription
  if (subscription.fault) return { words: stateWords.fault, kind: 'bad' }
  if (webhook?.off_at) return { words: stateWords.webhookOff, kind: 'bad' }
  if (webhook?.failing_since) return { words: stateWords.webhookFailing, kind: 'bad' }
  if (!subscription.active) return { words: stateWords.paused, kind: 'off' }
  if (mute && Date.parse(mute) > now) return { words: stateWords.muted, kind: 'off' }
  if (!deliveries || deliveries.length === 0) return { words: stateWords.nothing, kind: 'off' }
  const last = deliveries.find(({ state }) => ['sent', 'failed', 'dead'].includes(state))
  if (last && last.state !== 'sent') return { words: stateWords.failing, kind: 'bad' }
  const waiting = deliveries.filter(({ state }) => state === 'queued' || state === 'sending').length
  return { words: waiting > 0 ? stateWords.waiting(waiting) : stateWords.fine, kind: 'fine' }
}
