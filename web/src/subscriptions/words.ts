/** Subscriptions in words. */
import { conditions, filterInWords } from '@/live/filter'
import { channelWords, eventWords, listWords, ruleWords } from '@/messages/subscriptions'
import type { Filter, Subscription } from '@/api/types'
import { type Draft, type EventName, draftOf, tidy } from './draft'

/** Things in words: “a”, “a or b”, “a, b or c”. */
export function anyOf(parts: readonly string[]): string {
  if (parts.length < 2) return parts[0] ?? ''
  return parts.slice(0, -1).join(listWords.comma) + listWords.or + (parts.at(-1) ?? '')
}

/** Events as what an observation does: “starts or turns up as observed”. */
export function eventsInWords(events: readonly EventName[]): string {
  return anyOf(events.map((event) => eventWords[event].rule))
}

/** An hour of the day: `07:00`. */
export function clockHour(hour: number): string {
  return `${String(hour).padStart(2, '0')}:00`
}

/** How somebody is told, in a phrase. */
export function howInWords(draft: Pick<Draft, 'mail' | 'webhook'>): string {
  const mail = draft.mail === null ? null : mailInWords(draft.mail)
  if (draft.webhook === null) return mail ?? channelWords.none
  const host = hostOf(draft.webhook)
  return mail === null ? channelWords.webhookAlone(host) : mail + listWords.and + channelWords.webhook(host)
}

function mailInWords(mail: NonNullable<Draft['mail']>): string {
  return mail.when === 'nightly' ? channelWords.mail.nightly(clockHour(mail.hour)) : channelWords.mail[mail.when]
}

/** Each channel in two words, for tables. */
export function channelsInBrief(draft: Pick<Draft, 'mail' | 'webhook'>): string[] {
  const { brief } = channelWords
  const mail = draft.mail
  const words = mail === null ? [] : [mail.when === 'nightly' ? brief.nightly(clockHour(mail.hour)) : brief[mail.when]]
  return draft.webhook === null ? words : [...words, brief.webhook]
}

/** The host of a webhook's address: all of it that may be shown around. */
export function hostOf(url: string): string {
  try {
    return new URL(url.trim()).host || channelWords.webhookUnnamed
  } catch {
    return channelWords.webhookUnnamed
  }
}

/** The whole rule in sentences. */
export function ruleInWords(draft: Draft, sites: SiteNames = {}): string {
  const filter = named(tidy(draft.filter), sites)
  const sentences = [
    opening(draft),
    Object.keys(filter).length > 0 ? ruleWords.only(filterInWords(filter)) : ruleWords.everything,
  ]
  if (draft.oncePer === 'activity') sentences.push(ruleWords.oncePerActivity)
  if (draft.quiet) sentences.push(ruleWords.quiet(draft.quiet.from, draft.quiet.to))
  if (draft.maxPerHour !== null) sentences.push(ruleWords.most(draft.maxPerHour))
  return sentences.join(' ')
}

function opening(draft: Draft): string {
  const how = howInWords(draft)
  if (draft.mail === null && draft.webhook === null) return `${how}.`
  return draft.events.length > 0 ? `${how} ${ruleWords.when(eventsInWords(draft.events))}.` : `${how}, ${ruleWords.never}.`
}

/** Names of somebody's own sites, by their ids. */
export type SiteNames = Readonly<Record<string, string>>

/** A filter with its own sites called by their names. */
export function named(filter: Filter, sites: SiteNames): Filter {
  if (!filter.visible_from) return filter
  return { ...filter, visible_from: filter.visible_from.map((place) => sites[place] ?? place) }
}

/** What a subscription without a name is called: its conditions, or its events. */
export function nameFor(draft: Draft, sites: SiteNames = {}): string {
  const filter = named(tidy(draft.filter), sites)
  const parts = conditions(filter).filter(({ key }) => key !== 'intent')
  const telling = parts.length > 0 ? filterInWords(pick(filter, parts.map(({ key }) => key))) : ''
  const name = telling || ruleWords.allThat(eventsInWords(draft.events))
  return name.length > 200 ? `${name.slice(0, 199)}…` : name
}

function pick(filter: Filter, keys: readonly string[]): Filter {
  const companions = ['min_alt', 'sun_below', 'visible_when']
  const wanted = (key: string) => keys.includes(key) || companions.includes(key)
  return Object.fromEntries(Object.entries(filter).filter(([key]) => wanted(key)))
}

/** Ways to tell of a saved subscription, in brief. */
export function channelsOf(subscription: Subscription): string {
  return channelsInBrief(draftOf(subscription)).join(listWords.comma)
}

/** When a saved subscription tells and of what; what its name says already is left out. */
export function ruleInBrief(subscription: Subscription, sites: SiteNames = {}): string {
  const draft = draftOf(subscription)
  const filter = named(tidy(draft.filter), sites)
  const isNamedByRule = subscription.name === nameFor(draft, sites)
  const rest: Filter = isNamedByRule ? tidy({ intent: filter.intent ?? [] }) : filter
  const when = ruleWords.briefWhen(eventsInWords(draft.events))
  return isNamedByRule && !rest.intent ? when : `${when} · ${filterInWords(rest)}`
}
