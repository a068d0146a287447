/** Telescopes and sites of the catalogue, asked for once when something first needs them. */
import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import { api, ask } from '@/api/client'
import type { Facility, OwnSite, Site } from '@/api/types'
import { session } from '@/account/session'

/** A place on the ground to look from. */
export interface Place {
  /** What `visible_from` takes: an own site's id, or `lat lon height`. */
  value: string
  name: string
  latitude: number
  longitude: number
  /** It is the visitor's own. */
  own: boolean
  /** Key in the catalogue; null for one's own. */
  key: string | null
}

const facilities: ShallowRef<Facility[]> = shallowRef([])
const sites: ShallowRef<Site[]> = shallowRef([])
const own: ShallowRef<OwnSite[]> = shallowRef([])
let asked = false
let askedFor: string | null = null

const places = computed<Place[]>(() => [
  ...own.value.map(({ id, name, lat, lon }) => ({ value: id, name, latitude: lat, longitude: lon, own: true, key: null })),
  ...sites.value.map(({ key, name, latitude_deg, longitude_deg, height_m }) => ({
    value: `${latitude_deg} ${longitude_deg} ${height_m}`,
    name,
    latitude: latitude_deg,
    longitude: longitude_deg,
    own: false,
    key,
  })),
])

/** The catalogue; empty until it has come, and where it did not. */
export function useCatalogue(): {
  facilities: ShallowRef<Facility[]>
  places: ComputedRef<Place[]>
  placeNamed: (value: string) => Place | undefined
} {
  if (!asked) {
    asked = true
    quietly(async () => {
      facilities.value = (await ask<{ items: Facility[] }>(api.GET('/api/facilities') as Promise<never>)).items
    })
    quietly(async () => {
      sites.value = (await ask<{ items: Site[] }>(api.GET('/api/sites') as Promise<never>)).items
    })
  }
  const who = session.account.value?.email ?? null
  if (who !== askedFor) {
    askedFor = who
    own.value = []
    if (who !== null) {
      quietly(async () => {
        own.value = (await ask<{ items: OwnSite[] }>(api.GET('/api/me/sites') as Promise<never>)).items
      })
    }
  }
  return { facilities, places, placeNamed: (value) => places.value.find((place) => place.value === value) }
}

/** The board works without the catalogue: names stay as sources write them. */
function quietly(load: () => Promise<void>) {
  load().catch(() => {
    asked = false
  })
}
