/**
 * A draft as the query of an address and back, so that a subscription can be built, shared and taken
 * to another browser before it is saved. The filter's keys are those of the live page.
 *
 * The address of a webhook is often a secret: it is never part of ours.
 */
import type { LocationQuery, LocationQueryRaw } from 'vue-router'
import { KEYS, filterFromQuery, queryFromFilter } from '@/live/filter'
import { type Draft, type MailChannel, type Quiet, inOrder, isQuiet, newDraft, nightlyHour } from './draft'

/** Stands in an address for no event at all. */
const noEvent = 'none'

const ownKeys = ['event', 'name', 'mail', 'once_per', 'quiet', 'max_per_hour'] as const

/** The query that stands for a draft. */
export function queryOf(draft: Draft): LocationQueryRaw {
  const query = queryFromFilter(draft.filter)
  query.event = draft.events.length > 0 ? [...draft.events] : [noEvent]
  if (draft.name !== '') query.name = draft.name
  const mail = mailWord(draft.mail)
  if (mail !== 'now') query.mail = mail
  if (draft.oncePer !== 'group') query.once_per = draft.oncePer
  if (draft.quiet) query.quiet = `${draft.quiet.from}-${draft.quiet.to}`
  if (draft.maxPerHour !== null) query.max_per_hour = String(draft.maxPerHour)
  return query
}

/** The draft a query stands for; what it does not say is as in a new one. */
export function draftFrom(query: LocationQuery): Draft {
  const fresh = newDraft()
  const filter = filterFromQuery(query)
  return {
    name: (valuesOf(query, 'name')[0] ?? '').slice(0, 200),
    // An address that says nothing of the intent comes from a page that is about something else.
    filter: 'intent' in query ? filter : { ...fresh.filter, ...filter },
    events: 'event' in query ? inOrder(valuesOf(query, 'event')) : fresh.events,
    mail: mailFrom(valuesOf(query, 'mail')[0]),
    webhook: null,
    oncePer: valuesOf(query, 'once_per')[0] === 'activity' ? 'activity' : 'group',
    quiet: quietFrom(valuesOf(query, 'quiet')[0]),
    maxPerHour: countFrom(valuesOf(query, 'max_per_hour')[0]),
  }
}

/** Whether a query says anything of a draft. */
export function saysDraft(query: LocationQuery): boolean {
  return [...KEYS, ...ownKeys].some((key) => key in query)
}

function valuesOf(query: LocationQuery, key: string): string[] {
  return [query[key] ?? []].flat().filter((value): value is string => Boolean(value))
}

function mailWord(mail: MailChannel | null): string {
  if (mail === null) return 'off'
  return mail.when === 'nightly' ? `nightly-${String(mail.hour)}` : mail.when
}

function mailFrom(word: string | undefined): MailChannel | null {
  if (word === 'off') return null
  if (word === 'hourly') return { when: 'hourly', hour: nightlyHour }
  const hour = /^nightly-(\d{1,2})$/.exec(word ?? '')?.[1]
  if (hour !== undefined && Number(hour) < 24) return { when: 'nightly', hour: Number(hour) }
  return { when: 'now', hour: nightlyHour }
}

function quietFrom(word: string | undefined): Quiet | null {
  const [from, to] = (word ?? '').split('-')
  if (from === undefined || to === undefined) return null
  return isQuiet({ from, to }) ? { from, to } : null
}

function countFrom(word: string | undefined): number | null {
  const count = /^\d{1,4}$/.test(word ?? '') ? Number(word) : 0
  return count >= 1 && count <= 1000 ? count : null
}
