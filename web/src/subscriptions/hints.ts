/** What a preview proposes to change, as words and as drafts. */
import { KEYS, type FilterKey } from '@/live/filter'
import { keyLabels } from '@/messages/live'
import { eventWords, hintWords } from '@/messages/subscriptions'
import type { Filter, Preview } from '@/api/types'
import { type Draft, type EventName, inOrder, nightlyHour, tidy } from './draft'

type Hint = NonNullable<Preview['hint']>

/** One change that can be applied with a click. */
export interface Change {
  /** What the button says. */
  label: string
  /** The draft with the change. */
  draft: Draft
}

/** A hint as it is shown. */
export interface Proposal {
  text: string
  changes: Change[]
}

/** What a hint proposes for a draft; null when the draft has no need of it. */
export function proposalOf(hint: Hint, draft: Draft, mailsPerDay: number): Proposal | null {
  if (hint.kind === 'narrower') return digest(draft, mailsPerDay)
  if (hint.events) return moreEvents(draft, inOrder(hint.events), hint.count ?? 0)
  const filter = hint.filter ? tidy(hint.filter) : null
  if (!filter) return { text: hint.text, changes: [] }
  return widened(draft, filter, hint)
}

function digest(draft: Draft, mailsPerDay: number): Proposal | null {
  // A digest puts them together already, and programs do not mind many.
  if (draft.mail?.when !== 'now') return null
  const text = hintWords.many(Math.round(mailsPerDay))
  const changes = [
    { label: hintWords.applyHourly, draft: { ...draft, mail: { ...draft.mail, when: 'hourly' as const } } },
    { label: hintWords.applyNightly, draft: { ...draft, mail: { when: 'nightly' as const, hour: nightlyHour } } },
  ]
  return { text, changes }
}

function moreEvents(draft: Draft, events: EventName[], count: number): Proposal {
  const added = events.filter((event) => !draft.events.includes(event))
  const names = added.map((event) => eventWords[event].name).join(', ')
  return {
    text: hintWords.events(names, count),
    changes: [{ label: hintWords.applyEvents(names), draft: { ...draft, events } }],
  }
}

function widened(draft: Draft, filter: Filter, hint: Hint): Proposal {
  const change = (label: string): Change => ({ label, draft: { ...draft, filter } })
  const count = hint.count ?? 0
  const radius = hint.key === 'pos' ? radiusOf(filter.pos?.[0]) : null
  if (radius !== null) return { text: hintWords.radius(radius, count), changes: [change(hintWords.applyRadius(radius))] }
  const label = isKey(hint.key) ? keyLabels[hint.key] : (hint.key ?? '')
  return { text: hintWords.without(label, count), changes: [change(hintWords.applyWithout(label))] }
}

function radiusOf(pos: string | undefined): string | null {
  return /^CIRCLE\s+\S+\s+\S+\s+(\S+)$/i.exec(pos?.trim() ?? '')?.[1] ?? null
}

function isKey(key: string | null | undefined): key is FilterKey {
  return (KEYS as readonly string[]).includes(key ?? '')
}
