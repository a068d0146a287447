/** A subscription as it is being made: what the form holds, and what the API takes. */
import type { Filter, Subscription, SubscriptionDraft } from '@/api/types'

/** Events somebody can be told of, in the order in which an activity lives through them. */
export const events = [
  'planned',
  'scheduled',
  'changed',
  'started',
  'observed',
  'confirmed',
  'ended',
  'aborted',
  'withdrawn',
] as const
export type EventName = (typeof events)[number]

/** When a mail goes out. */
export type MailWhen = 'now' | 'hourly' | 'nightly'

/** Mails of a subscription; `hour` is that of a nightly one, 0 to 23 in the account's time zone. */
export interface MailChannel {
  when: MailWhen
  hour: number
}

/** Hours of the local day in which nothing is delivered, as `22:00`. */
export interface Quiet {
  from: string
  to: string
}

/** A subscription as it is being made. */
export interface Draft {
  /** As its owner calls it; empty: it is called by its words. */
  name: string
  filter: Filter
  events: EventName[]
  /** Null: no mails. */
  mail: MailChannel | null
  /** Where a webhook goes; null: there is none. */
  webhook: string | null
  /** Whether each group of activities (one observation, as people count) is told once, or each activity. */
  oncePer: 'group' | 'activity'
  quiet: Quiet | null
  /** Deliveries an hour, 1 to 1000; null: any number. */
  maxPerHour: number | null
}

/** The hour of a nightly digest when nothing is said. */
export const nightlyHour = 7

/** Whether both ends of quiet hours are times of the day, and not the same. */
export function isQuiet({ from, to }: Quiet): boolean {
  const time = /^(?:[01]\d|2[0-3]):[0-5]\d$/
  return time.test(from) && time.test(to) && from !== to
}

/** What the editor begins with: science and what does not say what it is, told when it runs. */
export function newDraft(): Draft {
  return {
    name: '',
    filter: { intent: ['science', 'null'] },
    events: ['started', 'observed'],
    mail: { when: 'now', hour: nightlyHour },
    webhook: null,
    oncePer: 'group',
    quiet: null,
    maxPerHour: null,
  }
}

/** Whether a word is an event somebody can be told of. */
export function isEvent(word: string): word is EventName {
  return (events as readonly string[]).includes(word)
}

/** The events, each once, in their order. */
export function inOrder(wanted: readonly string[]): EventName[] {
  return events.filter((event) => wanted.includes(event))
}

/** A filter without keys that have no value. */
export function tidy(filter: Filter): Filter {
  return Object.fromEntries(Object.entries(filter).filter(([, values]) => values.length > 0))
}

/** A filter with the values of one key replaced; no values take the key out. */
export function withValues(filter: Filter, key: string, values: readonly string[]): Filter {
  return tidy({ ...filter, [key]: [...values] })
}

/** A saved subscription as a draft. */
export function draftOf(subscription: Subscription): Draft {
  const mail = subscription.channels.find((channel) => channel.type === 'email')
  const webhook = subscription.channels.find((channel) => channel.type === 'webhook')
  return {
    name: subscription.name,
    filter: subscription.filter,
    events: inOrder(subscription.events),
    mail: mail ? { when: whenOf(mail.when), hour: mail.hour ?? nightlyHour } : null,
    webhook: webhook ? (webhook.url ?? '') : null,
    oncePer: subscription.once_per === 'activity' ? 'activity' : 'group',
    quiet: subscription.quiet ? { from: subscription.quiet.from, to: subscription.quiet.to } : null,
    maxPerHour: subscription.max_per_hour ?? null,
  }
}

/** The word of when a mail goes; anything else is at once. */
export function whenOf(word: string | null | undefined): MailWhen {
  return word === 'hourly' || word === 'nightly' ? word : 'now'
}

/** The body that makes or changes a subscription; `name` is used when the draft has none. */
export function bodyOf(draft: Draft, name: string): SubscriptionDraft {
  return {
    name: draft.name.trim() || name,
    filter: tidy(draft.filter),
    events: inOrder(draft.events),
    channels: channelsOf(draft),
    once_per: draft.oncePer,
    quiet: draft.quiet,
    max_per_hour: draft.maxPerHour,
  }
}

/** Whether two drafts would make the same subscription; in which order keys were given is no matter. */
export function sameDraft(one: Draft, other: Draft): boolean {
  const whole = (draft: Draft) => {
    const filter = Object.entries(tidy(draft.filter)).sort(([key], [next]) => key.localeCompare(next))
    return JSON.stringify([bodyOf({ ...draft, filter: {} }, ''), filter])
  }
  return whole(one) === whole(other)
}

function channelsOf(draft: Draft): NonNullable<SubscriptionDraft['channels']> {
  const channels: NonNullable<SubscriptionDraft['channels']> = []
  if (draft.mail?.when === 'nightly') channels.push({ type: 'email', when: 'nightly', hour: draft.mail.hour })
  else if (draft.mail) channels.push({ type: 'email', when: draft.mail.when })
  if (draft.webhook !== null) channels.push({ type: 'webhook', url: draft.webhook.trim() })
  return channels
}
