/** Why a filter shows nothing: what each of its conditions keeps away, and what matched last. */
import type { Activity, Filter } from '@/api/types'
import { conditions, without, type Condition } from './filter'
import { queries } from './scope'
import type { HistoryParts } from './history'

/** A condition, and how many there would be without it. */
export interface Blocker extends Condition {
  /** Matches without it. */
  count: number
  /** There are more than were counted. */
  more: boolean
}

/** The conditions with what there would be without each, the one that keeps away most first. */
export async function blockers(parts: HistoryParts, filter: Filter, now: number, signal: AbortSignal): Promise<Blocker[]> {
  const counted = await Promise.all(
    conditions(filter).map(async (condition) => {
      const pages = await Promise.all(
        queries(without(filter, condition.key), now).map((query) => parts.fetchPage({ ...query, most: 1 }, null, signal)),
      )
      const count = pages.reduce((sum, { items }) => sum + items.length, 0)
      return { ...condition, count, more: pages.some(({ next }) => Boolean(next)) }
    }),
  )
  return counted.sort((one, other) => other.count - one.count)
}

/** What matched last, at any time before; null when nothing is on record. */
export async function lastMatch(parts: HistoryParts, filter: Filter, now: number, signal: AbortSignal): Promise<Activity | null> {
  const past = { ...filter, from: [new Date(0).toISOString()], to: [new Date(now).toISOString()] }
  const page = await parts.fetchPage({ filter: without(past, 'at'), sort: '-t_min', most: 1 }, null, signal)
  return page.items[0] ?? null
}
