import type { RouteLocationRaw } from 'vue-router'
import type { Activity, Facility } from '@/api/types'
import { search as words } from '@/messages/frame'
import { formatDec, formatRa } from '@/ui/format'
import { pathOf, readPosition } from './position'

/** The groups in which suggestions stand, in this order. */
export const GROUPS = ['position', 'facility', 'target', 'programme', 'board'] as const

/** One line of the list under the search box. */
export interface Suggestion {
  group: (typeof GROUPS)[number]
  text: string
  /** What tells it from others that read alike. */
  detail: string | null
  to: RouteLocationRaw
}

/** What the server is asked for; each answer may fail without the others. */
export interface SearchServer {
  facilities: (signal: AbortSignal) => Promise<Facility[]>
  /** Activities with all these words, or words that begin so, in target, title, PI, instrument, facility or keywords. */
  activities: (text: string, signal: AbortSignal) => Promise<Activity[]>
  /** Activities of targets that are called so, or begin so, in any spelling. */
  targets: (name: string, signal: AbortSignal) => Promise<Activity[]>
}

/** Most lines of a group. */
const MOST = { position: 1, facility: 4, target: 6, programme: 4, board: 1 } as const

/** What can be said without asking anybody. */
export function atOnce(text: string): Suggestion[] {
  const position = readPosition(text)
  if (position === null) return [board(text)]
  const written = `${formatRa(position.ra)} ${formatDec(position.dec)}`
  return [{ group: 'position', text: words.position(written), detail: null, to: pathOf(position) }, board(text)]
}

/** The suggestions for a text, in their groups; throws only when no answer came at all. */
export async function suggest(text: string, server: SearchServer, signal: AbortSignal): Promise<Suggestion[]> {
  const answers = await Promise.allSettled([
    server.facilities(signal),
    server.targets(text, signal),
    server.activities(text, signal),
  ])
  signal.throwIfAborted()
  const [facilities, named, activities] = answers
  const failed = answers.filter((answer) => answer.status === 'rejected')
  if (failed.length === answers.length) throw failed[0]?.reason as Error
  const held = activities.status === 'fulfilled' ? activities.value : []
  const known = named.status === 'fulfilled' ? named.value : []
  return inGroups([
    ...atOnce(text),
    ...(facilities.status === 'fulfilled' ? facilitiesFor(text, facilities.value) : []),
    ...targetsFor(text, known, held),
    ...programmesFor(text, held),
  ])
}

/** The text of the filter in which every word may go on: `m3 gal` becomes `m3* gal*`. */
export function asPrefixes(text: string): string {
  const parts = text.split(/\s+/).filter((word) => word !== '')
  return parts.map((word) => `${escaped(word)}*`).join(' ')
}

/** A text whose stars are stars, not wild cards. */
export function escaped(text: string): string {
  return text.replaceAll('*', '\\*')
}

/** Letters and figures alone, for comparing names as people type them. */
export function folded(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
}

function board(text: string): Suggestion {
  return { group: 'board', text: words.board(text), detail: null, to: { path: '/', query: { text } } }
}

function facilitiesFor(text: string, facilities: Facility[]): Suggestion[] {
  const wanted = folded(text)
  if (wanted === '') return []
  const rank = (facility: Facility) => {
    const names = [facility.name, ...facility.aliases, ...facility.groups, facility.title].map(folded)
    if (names.includes(wanted)) return 0
    if (names.some((name) => name.startsWith(wanted))) return 1
    return wanted.length > 2 && names.some((name) => name.includes(wanted)) ? 2 : 3
  }
  return facilities
    .map((facility) => ({ facility, rank: rank(facility) }))
    .filter((one) => one.rank < 3)
    .sort((a, b) => a.rank - b.rank)
    .map(({ facility }) => ({
      group: 'facility',
      text: facility.title,
      detail: facility.name === facility.title ? null : facility.name,
      to: `/facilities/${encodeURIComponent(facility.name)}`,
    }))
}

/** Those called so first, then those that begin so, then those that hold it; the shorter name before the longer. */
function targetsFor(text: string, known: Activity[], held: Activity[]): Suggestion[] {
  const wanted = folded(text)
  const names = new Map<string, string>()
  // A designation counts as found however it is spelt: `3I` is ATLAS.
  for (const { target_name: name } of known) if (name) names.set(folded(name), name)
  for (const { target_name: name } of held) if (name && folded(name).includes(wanted)) names.set(folded(name), name)
  const rank = (name: string) => (folded(name).startsWith(wanted) ? name.length : 1000 + name.length)
  const sorted = [...names.values()].sort((a, b) => rank(a) - rank(b))
  return sorted.map((name) => ({
    group: 'target',
    text: name,
    detail: null,
    to: `/targets/${encodeURIComponent(name)}`,
  }))
}

function programmesFor(text: string, held: Activity[]): Suggestion[] {
  const found = new Map<string, Suggestion>()
  for (const { obs_collection: collection, proposal_id: id, proposal_title: title, proposal_pi: pi } of held) {
    if (!collection || !id) continue
    const wanted = text.split(/\s+/).map(folded)
    const itself = [id, title, pi].map((part) => folded(part ?? '')).join(' ')
    const within = (word: string) => itself.includes(word)
    // The collection alone would name any of its programmes.
    if (!wanted.some(within) || !wanted.every((word) => within(word) || folded(collection) === word)) continue
    const path = `/programmes/${encodeURIComponent(collection)}/${encodeURIComponent(id)}`
    found.set(path, { group: 'programme', text: `${collection} ${id}`, detail: title ?? pi ?? null, to: path })
  }
  return [...found.values()]
}

function inGroups(all: Suggestion[]): Suggestion[] {
  return GROUPS.flatMap((group) => all.filter((one) => one.group === group).slice(0, MOST[group]))
}
