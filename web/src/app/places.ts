import { computed, readonly, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import { session } from '@/account/session'
import { api, ask } from '@/api/client'
import { display as words } from '@/messages/frame'
import { preferences } from '@/ui/preferences'

/** A place for the sidereal clock. */
export interface ClockPlace {
  /** Key in our catalogue, or id of an own site. */
  key: string
  name: string
  /** Degrees, east positive. */
  longitude: number
}

const known = shallowRef<readonly ClockPlace[]>([])
let asked: string | null = null

/** The places to choose from, own sites first; empty until `loadPlaces`. */
export const places: Readonly<ShallowRef<readonly ClockPlace[]>> = readonly(known)

/** Asks for the places, once for each account. A failure leaves Greenwich, and the next call tries again. */
export async function loadPlaces(): Promise<void> {
  const account = session.account.value?.id ?? 'nobody'
  if (asked === account) return
  asked = account
  try {
    const [sites, own] = await Promise.all([
      ask(api.GET('/api/sites')),
      account === 'nobody' ? { items: [] } : ask(api.GET('/api/me/sites')),
    ])
    known.value = [
      ...own.items.map(({ id, name, lon }) => ({ key: id, name, longitude: lon })),
      ...sites.items.map(({ key, name, longitude_deg }) => ({ key, name, longitude: longitude_deg })),
    ]
  } catch {
    asked = null
  }
}

/** The place whose sidereal time the clock shows; Greenwich until one is chosen and known. */
export const clockPlace: ComputedRef<ClockPlace> = computed(
  () => known.value.find((place) => place.key === preferences.clockSite) ?? { key: '', name: words.noSite, longitude: 0 },
)
