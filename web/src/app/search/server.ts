import { api, ask } from '@/api/client'
import { ApiProblem } from '@/api/errors'
import type { Activity, Facility } from '@/api/types'
import type { SearchServer } from './suggest'

/** Activities read for names of targets and programmes. */
const READ = 100

/** The search as the server's API answers it. The catalogue of facilities is asked for once a visit. */
export function searchServer(): SearchServer {
  let facilities: Promise<Facility[]> | null = null
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
    async activities(text, signal) {
      const page = await ask(api.GET('/api/activities', { params: { query: { text: [text], limit: READ } }, signal }))
      return page.items as Activity[]
    },
    async target(name, signal) {
      try {
        const found = await ask(api.GET('/api/targets/{name}', { params: { path: { name } }, signal }))
        return found.targets
      } catch (error) {
        if (error instanceof ApiProblem && error.status === 404) return []
        throw error
      }
    },
  }
}
