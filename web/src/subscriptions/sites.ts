/** One's own sites, as far as they are known. */
import { computed, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import { api, ask } from '@/api/client'
import { session } from '@/account/session'
import type { OwnSite } from '@/api/types'
import type { SiteNames } from './words'

/** The sites of whoever is signed in, oldest first; empty while nobody is. */
export const ownSites: ShallowRef<OwnSite[]> = shallowRef([])

/** Their names, by their ids. */
export const siteNames: ComputedRef<SiteNames> = computed(() =>
  Object.fromEntries(ownSites.value.map(({ id, name }) => [id, name])),
)

/** Fetches the sites anew. */
export async function fetchSites(): Promise<void> {
  ownSites.value = session.account.value ? (await ask(api.GET('/api/me/sites'))).items : []
}

/** Keeps the sites in step with who is signed in, for as long as the calling component lives. */
export function useOwnSites(): void {
  watch(
    () => session.account.value?.id,
    () => {
      // Without the sites everything else still works; their names are missing then.
      fetchSites().catch(() => undefined)
    },
    { immediate: true },
  )
}
