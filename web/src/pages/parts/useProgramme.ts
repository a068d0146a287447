/** Everything the page of a programme asks for. */
import { computed, type ComputedRef } from 'vue'
import type { Activity, Source } from '@/api/types'
import { serverNow } from '@/time/clock'
import { askFor, findActivities, orNull, type Found } from './ask'
import type { Overview } from './overview'
import { useAnswer, type Answered } from './useAnswer'
import { windowOf } from './useField'

/** Activities read at most; the newest come first. */
const MOST = 600
const MOST_LINKS = 12

type Link = Activity['links'][number]

export interface ProgrammeData {
  overview: Answered<Overview | null>
  found: Answered<Found>
  sources: ComputedRef<Source[]>
  /** How many activities of it are known. */
  total: ComputedRef<number>
  instruments: ComputedRef<string[]>
  /** Sum of the exposure times stated, seconds; null where none is, or where not all activities were read. */
  exposure: ComputedRef<number | null>
  links: ComputedRef<Link[]>
  window: ComputedRef<{ from: number; to: number } | null>
}

/** The data of a programme, asked for by collection and number; renewed every minute. */
export function useProgramme(programme: () => [collection: string, id: string]): ProgrammeData {
  const overview = useAnswer(
    programme,
    ([collection, id]) => orNull(askFor<Overview>(`/api/programmes/${encodeURIComponent(collection)}/${encodeURIComponent(id)}`)),
    60_000,
  )
  const found = useAnswer(programme, ([collection, id]) => findActivities({ proposal: [`${collection}/${id}`] }, { most: MOST }), 60_000)
  const all = useAnswer(() => '', () => askFor<{ items: Source[] }>('/api/sources'), 60_000)
  const activities = computed(() => found.data.value?.activities ?? [])
  return {
    overview,
    found,
    sources: computed(() => all.data.value?.items ?? []),
    total: computed(() => Object.values(overview.data.value?.by_status ?? {}).reduce((sum, count) => sum + count, 0)),
    instruments: computed(() => [...new Set(activities.value.flatMap(({ instrument_name: name }) => name ?? []))].sort()),
    exposure: computed(() => (found.data.value?.complete ? exposureOf(activities.value) : null)),
    links: computed(() => [...new Map(activities.value.flatMap(({ links }) => links).map((link) => [link.url, link])).values()].slice(0, MOST_LINKS)),
    window: computed(() => windowOf(activities.value, serverNow())),
  }
}

/** Sum of the exposure times stated, seconds; null where none is. */
export function exposureOf(activities: readonly Activity[]): number | null {
  const times = activities.flatMap(({ t_exptime: time }) => (typeof time === 'number' ? [time] : []))
  return times.length > 0 ? times.reduce((sum, time) => sum + time, 0) : null
}
