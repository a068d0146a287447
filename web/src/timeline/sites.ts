/** The ground sites, asked for once for the whole app. */
import { shallowRef, type ShallowRef } from 'vue'
import { api, ask } from '@/api/client'
import type { Site } from '@/api/types'

const sites = shallowRef<Site[]>([])
let asked: Promise<void> | null = null

/** Sites with their coordinates and telescopes; empty until they have come, and while nobody answers. */
export function useSites(): ShallowRef<Site[]> {
  asked ??= ask(api.GET('/api/sites')).then(
    ({ items }) => {
      sites.value = items
    },
    () => {
      asked = null
    },
  )
  return sites
}
