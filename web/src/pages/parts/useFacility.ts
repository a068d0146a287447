/** Everything the page of a facility asks for. */
import { computed, shallowRef, watch, type ComputedRef } from 'vue'
import type { Activity, Facility, Site, Source } from '@/api/types'
import { nightAt } from '@/sky/nights'
import { serverNow } from '@/time/clock'
import { askFor, findActivities, orNull } from './ask'
import { recordOf, type FacilityRecord } from './record'
import type { SourceHistory } from './history'
import { useAnswer, type Answered } from './useAnswer'

const HOUR = 3_600_000
/** How far the record looks back, milliseconds. */
const BACK = 30 * 24 * HOUR
/** Activities read for the map, and for the record where the server does not count it. */
const MOST = 600

/** The record with what it was counted from. */
export interface CountedRecord {
  record: FacilityRecord
  /** How many activities it was counted from here; null where the server counted all of them. */
  counted: number | null
  complete: boolean
}

export interface FacilityData {
  facility: Answered<Facility | null>
  sources: ComputedRef<Source[]>
  histories: Answered<SourceHistory[]>
  site: Answered<Site | null>
  /** Activities of the last 30 days, newest first, as far as they were asked for. */
  past: Answered<{ activities: Activity[]; complete: boolean }>
  record: ComputedRef<CountedRecord | null>
  /** The coming or present night at its site (ms), with an hour on both sides; null in space. */
  night: ComputedRef<{ from: number; to: number } | null>
}

/** The data of the facility called `name`; what it does now is renewed every 20 seconds. */
export function useFacility(name: () => string): FacilityData {
  const facility = useAnswer(name, (asked) => orNull(askFor<Facility>(`/api/facilities/${encodeURIComponent(asked)}`)), 20_000)
  const own = () => facility.data.value?.name ?? null
  const all = useAnswer(() => '', () => askFor<{ items: Source[] }>('/api/sources'), 60_000)
  const sources = computed(() => (all.data.value?.items ?? []).filter((one) => facility.data.value?.sources.includes(one.name)))
  const histories = useAnswer(
    () => facility.data.value?.sources ?? null,
    async (names) => (await Promise.all(names.map((one) => orNull(askFor<SourceHistory>(`/api/sources/${one}/history`))))).filter((one) => one !== null),
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
  const counted = useAnswer(own, (asked) => orNull(askFor<FacilityRecord>(`/api/facilities/${encodeURIComponent(asked)}/record?days=30`)))

  const record = computed<CountedRecord | null>(() => {
    if (counted.data.value) return { record: counted.data.value, counted: null, complete: true }
    if (counted.loading.value || !past.data.value) return null
    const now = serverNow()
    const { activities, complete } = past.data.value
    return { record: recordOf(activities, now - BACK, now), counted: activities.length, complete }
  })

  const started = shallowRef(serverNow())
  watch(name, () => (started.value = serverNow()))
  const night = computed(() => {
    const place = facility.data.value?.site
    if (!place) return null
    const { from, to, sunset, sunrise } = nightAt(place.latitude_deg, place.longitude_deg, started.value)
    return { from: (sunset ?? from) - HOUR, to: (sunrise ?? to) + HOUR }
  })
  return { facility, sources, histories, site, past, record, night }
}
