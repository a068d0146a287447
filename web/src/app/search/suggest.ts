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
  /** Activities with all these words in target, title, PI, instrument, facility or keywords. */
  activities: (text: string, signal: AbortSignal) => Promise<Activity[]>
  /** The names under which we hold what somebody calls so; none when there is no such target. */
  target: (name: string, signal: AbortSignal) => Promise<string[]>
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
    server.target(text, signal),
    server.activities(asPrefixes(text), signal),
  ])
  signal.throwIfAborted()
  const [facilities, names, activities] = answers
  const failed = answers.filter((answer) => answer.status === 'rejected')
  if (failed.length === answers.length) throw failed[0]?.reason as Error
  const held = activities.status === 'fulfilled' ? activities.value : []
  const known = names.status === 'fulfilled' ? names.value : []
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
  return parts.map((word) => `${word.replaceAll('*', '\\*')}*`).join(' ')
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

/** Those known under the very name first, then those of the activities found whose own name begins so or holds it. */
function targetsFor(text: string, known: string[], held: Activity[]): Suggestion[] {
  const wanted = folded(text)
  const others = held.map((activity) => activity.target_name ?? '').filter((name) => folded(name).includes(wanted))
  others.sort((a, b) => Number(folded(b).startsWith(wanted)) - Number(folded(a).startsWith(wanted)))
  const names = new Map([...known, ...others].map((name) => [folded(name), name]))
  return [...names.values()].map((name) => ({
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
    const itself = [collection, id, title, pi].map((part) => folded(part ?? '')).join(' ')
    if (!wanted.every((word) => itself.includes(word))) continue
    const path = `/programmes/${encodeURIComponent(collection)}/${encodeURIComponent(id)}`
    found.set(path, { group: 'programme', text: `${collection} ${id}`, detail: title ?? pi ?? null, to: path })
  }
  return [...found.values()]
}

function inGroups(all: Suggestion[]): Suggestion[] {
  return GROUPS.flatMap((group) => all.filter((one) => one.group === group).slice(0, MOST[group]))
}
