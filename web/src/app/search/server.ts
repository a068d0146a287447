import { api, ask } from '@/api/client'
import type { Activity, Facility } from '@/api/types'
import { asPrefixes, escaped, type SearchServer } from './suggest'

/** Activities read for the names of targets and programmes. */
const READ = 100

/** The search as the server's API answers it. The catalogue of facilities is asked for once a visit. */
export function searchServer(): SearchServer {
  let facilities: Promise<Facility[]> | null = null
  const activities = async (query: Record<string, string[]>, signal: AbortSignal): Promise<Activity[]> => {
    const page = await ask(api.GET('/api/activities', { params: { query: { ...query, limit: READ } }, signal }))
    return page.items
  }
  return {
    facilities() {
      facilities ??= ask<unknown>(api.GET('/api/facilities')).then(
        (page) => (page as { items: Facility[] }).items,
        (error: unknown) => {
          facilities = null
          throw error
        },
      )
      return facilities
    },
    activities: (text, signal) => activities({ text: [asPrefixes(text)] }, signal),
    targets: (name, signal) => activities({ target: [escaped(name), `${escaped(name)}*`] }, signal),
  }
}
