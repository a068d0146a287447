/** Questions the pages put to the server. */
import { ask } from '@/api/client'
import { ApiProblem } from '@/api/errors'
import type { Activity, Filter } from '@/api/types'
import { paramsFromFilter } from '@/live/filter'

/** Rows a page of the server holds at most. */
const PAGE = 200

/** Activities, and whether those are all there are. */
export interface Found {
  activities: Activity[]
  complete: boolean
}

/** The activities a filter finds, page after page up to `most` rows. */
export async function findActivities(
  filter: Filter,
  { sort = '-t_min', most = PAGE }: { sort?: '-t_min' | 't_min'; most?: number } = {},
): Promise<Found> {
  const activities: Activity[] = []
  let cursor: string | null = null
  do {
    const query = paramsFromFilter(filter)
    query.set('sort', sort)
    query.set('limit', String(Math.min(PAGE, most - activities.length)))
    if (cursor !== null) query.set('cursor', cursor)
    const page: { items: Activity[]; next?: string | null } = await askFor(`/api/activities?${query.toString()}`)
    activities.push(...page.items)
    cursor = page.next ?? null
  } while (cursor !== null && activities.length < most)
  return { activities, complete: cursor === null }
}

/** The JSON at a path of the server; anything but success is thrown as an `ApiProblem`. */
export async function askFor<T>(path: string): Promise<T> {
  const read = async () => {
    const response = await fetch(path, { credentials: 'same-origin', headers: { accept: 'application/json' } })
    const body: unknown = await response.json().catch(() => null)
    return response.ok ? { data: body as T, response } : { error: body, response }
  }
  return ask<T>(read())
}

/** The answer, or null where the server says that there is none. */
export async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return null
    throw error
  }
}
