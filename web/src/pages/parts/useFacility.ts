/** Everything the page of a facility asks for. */
import { computed, shallowRef, watch, type ComputedRef } from 'vue'
import type { Activity, Facility, Site, Source } from '@/api/types'
import { nightAt } from '@/sky/nights'
import { serverNow } from '@/time/clock'
import { askFor, findActivities, orNull } from './ask'
import type { SourceHistory } from './history'
import type { FacilityRecord } from './record'
import { horizonOf } from './status'
import { useAnswer, type Answered } from './useAnswer'

const HOUR = 3_600_000
/** How far the map looks back, milliseconds. */
const BACK = 30 * 24 * HOUR
/** Activities read for the map. */
const MOST = 600

/** A night (ms) with an hour on both sides. */
export interface NightWindow {
  from: number
  to: number
  /** It is the last night, and the day since. */
  isPast: boolean
}

export interface FacilityData {
  facility: Answered<Facility | null>
  sources: ComputedRef<Source[]>
  histories: Answered<SourceHistory[]>
  site: Answered<Site | null>
  /** Activities of the last 30 days, newest first, as far as they were asked for. */
  past: Answered<{ activities: Activity[]; complete: boolean }>
  record: Answered<FacilityRecord>
  /** The night to show at its site; null in space. */
  night: ComputedRef<NightWindow | null>
}

/** The data of the facility called `name`; what it does now is renewed every 20 seconds. */
export function useFacility(name: () => string): FacilityData {
  const facility = useAnswer(name, (asked) => orNull(askFor<Facility>(`/api/facilities/${encodeURIComponent(asked)}`)), 20_000)
  /** Nothing is asked of what no source tells of. */
  const own = () => (facility.data.value?.sources.length ? facility.data.value.name : null)
  const all = useAnswer(() => '', () => askFor<{ items: Source[] }>('/api/sources'), 60_000)
  const sources = computed(() => (all.data.value?.items ?? []).filter((one) => facility.data.value?.sources.includes(one.name)))
  const histories = useAnswer(
    () => facility.data.value?.sources ?? null,
    async (names) => Promise.all(names.map((one) => askFor<SourceHistory>(`/api/sources/${one}/history`))),
  )
  const site = useAnswer(
    () => facility.data.value?.site?.key ?? null,
    (key) => orNull(askFor<Site>(`/api/sites/${key}`)),
    60_000,
  )
  const past = useAnswer(own, (asked) => {
    const now = serverNow()
    const times = { from: [new Date(now - BACK).toISOString()], to: [new Date(now).toISOString()] }
    return findActivities({ facility: [asked], ...times }, { most: MOST })
  })
  const record = useAnswer(own, (asked) => askFor<FacilityRecord>(`/api/facilities/${encodeURIComponent(asked)}/record`), 300_000)

  const started = shallowRef(serverNow())
  watch(name, () => (started.value = serverNow()))
  const night = computed(() => {
    const place = facility.data.value?.site
    return place ? nightWindow(place.latitude_deg, place.longitude_deg, started.value, sources.value) : null
  })
  return { facility, sources, histories, site, past, record, night }
}

/**
 * The night to show of a site. By day, where no source publishes a plan, the coming night is sure to be empty: then it
 * is the time since the last one began.
 */
export function nightWindow(latitude: number, longitude: number, now: number, sources: readonly Source[]): NightWindow {
  const night = nightAt(latitude, longitude, now)
  const sunset = night.sunset ?? night.from
  if (now < sunset && horizonOf(sources) === null) {
    const last = nightAt(latitude, longitude, sunset - 24 * HOUR + HOUR)
    return { from: (last.sunset ?? last.from) - HOUR, to: now + HOUR, isPast: true }
  }
  return { from: sunset - HOUR, to: (night.sunrise ?? night.to) + HOUR, isPast: false }
}
