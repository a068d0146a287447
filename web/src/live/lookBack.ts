/** Asks what the board showed at a moment of the past. */
import type { Activity, Filter } from '@/api/types'
import { withKey, without } from './filter'
import type { HistoryParts, Moment } from './history'
import { inFeedOrder } from './order'
import type { Page } from './store'

/** Most rows of a moment. */
const MOST = 400

/** What was on the board at a moment, and what became known of it later. */
export async function lookBack(parts: HistoryParts, at: number, filter: Filter, signal: AbortSignal): Promise<Moment> {
  const time = new Date(at).toISOString()
  const timeless = (['from', 'to', 'at'] as const).reduce((left, key) => without(left, key), filter)
  const ran = ['performed', 'aborted', 'in_progress'].filter((state) => timeless.status?.includes(state) ?? true)
  const [then, known] = await Promise.all([
    all(parts, withKey(timeless, 'at', [time]), signal),
    ran.length === 0 ? [] : all(parts, { ...timeless, status: ran, from: [time], to: [time] }, signal),
  ])
  const held = new Set(then.map(({ id }) => id))
  return { then: inFeedOrder(then), learned: inFeedOrder(known.filter(({ id }) => !held.has(id))) }
}

async function all(parts: HistoryParts, filter: Filter, signal: AbortSignal): Promise<Activity[]> {
  const rows: Activity[] = []
  let cursor: string | null = null
  do {
    const page: Page = await parts.fetchPage({ filter, sort: '-t_min', most: MOST }, cursor, signal)
    rows.push(...page.items)
    cursor = page.next ?? null
  } while (cursor !== null && rows.length < MOST)
  return rows
}
