/** Telescopes and sites of the catalogue, and one's own sites, asked for when something first needs them. */
import { computed, ref, shallowRef } from 'vue'
import { session } from '@/account/session'
import { api, ask } from '@/api/client'
import type { Facility, OwnSite } from '@/api/types'
import { useSites } from '@/timeline/sites'

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

const facilities = shallowRef<Facility[]>([])
const own = shallowRef<OwnSite[]>([])
const wanted = ref(false)
let asked = false
let askedFor: string | null = null

const places = computed<Place[]>(() => [
  ...own.value.map(({ id, name, lat, lon }) => ({ value: id, name, latitude: lat, longitude: lon, own: true, key: null })),
  ...(wanted.value ? useSites().value : []).map(({ key, name, latitude_deg, longitude_deg, height_m }) => ({
    value: `${latitude_deg} ${longitude_deg} ${height_m}`,
    name,
    latitude: latitude_deg,
    longitude: longitude_deg,
    own: false,
    key,
  })),
])

/** The catalogue; empty until somebody asked for it and it has come. */
export function useCatalogue() {
  return {
    facilities,
    places,
    placeNamed: (value: string) => places.value.find((place) => place.value === value),
    load,
  }
}

/** Asks for what is not there yet; for one's own sites again when somebody else signs in. */
function load() {
  wanted.value = true
  if (!asked) {
    asked = true
    quietly(async () => {
      facilities.value = (await ask(api.GET('/api/facilities'))).items
    })
  }
  const who = session.account.value?.email ?? null
  if (who === askedFor) return
  askedFor = who
  own.value = []
  if (who === null) return
  quietly(async () => {
    own.value = (await ask(api.GET('/api/me/sites'))).items
  })
}

/** The board works without the catalogue: names stay as sources write them. The next who needs it asks again. */
function quietly(asking: () => Promise<void>) {
  asking().catch(() => {
    asked = false
  })
}
