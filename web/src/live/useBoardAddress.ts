/** The address of the live page is its state: filter, chosen activity, moment. */
import { computed, watch } from 'vue'
import { useRoute, useRouter, type LocationQueryRaw } from 'vue-router'
import type { Filter } from '@/api/types'
import { useLeaving } from '@/app/leaving'
import { filterFromQuery, KEYS, queryFromFilter, sameFilter, SCIENCE, without, withKey } from './filter'
import { momentOf } from './history'

/** Reads and writes the address of the page it is used on, and no other's. */
export function useBoardAddress() {
  const route = useRoute()
  const router = useRouter()
  const isLeaving = useLeaving()
  const home = route.path
  const keys = new Set<string>(KEYS)

  /** The filter, with the moment apart. */
  const filter = computed<Filter>((before) => {
    if (route.path !== home && before) return before
    return without(started(), 'at')
  })
  /** The activity whose panel is open. */
  const chosen = computed(() => (typeof route.query.a === 'string' ? route.query.a : null))
  /** The moment looked back at, milliseconds; null while it is now. */
  const at = computed(() => momentOf(route.query.at))

  /** The filter of the address, or what the board starts with where it says nothing of the intent. */
  function started(): Filter {
    const held = filterFromQuery(route.query)
    return 'intent' in route.query ? held : withKey(held, 'intent', SCIENCE)
  }

  /** Whatever in the address is not the filter's. */
  function others(): LocationQueryRaw {
    return Object.fromEntries(Object.entries(route.query).filter(([key]) => !keys.has(key)))
  }

  function setFilter(wanted: Filter) {
    if (isLeaving()) return
    const moment: LocationQueryRaw = at.value === null ? {} : { at: route.query.at }
    const to = { query: { ...others(), ...queryFromFilter(wanted), ...moment }, hash: route.hash }
    // Typing makes one entry in the history, not one a word.
    const typing = wanted.text && filter.value.text && sameFilter(without(wanted, 'text'), without(filter.value, 'text'))
    return typing ? router.replace(to) : router.push(to)
  }

  /** Opens a panel, or closes it; stepping from one to the next makes no entry in the history. */
  function choose(id: string | null) {
    const { a: open, ...rest } = route.query
    const to = { query: id === null ? rest : { ...rest, a: id } }
    return open && id !== null ? router.replace(to) : router.push(to)
  }

  function setMoment(moment: number | null) {
    if (isLeaving()) return
    const { at: before, ...rest } = route.query
    const to = { query: moment === null ? rest : { ...rest, at: `${new Date(moment).toISOString().slice(0, 16)}Z` } }
    return before && moment !== null ? router.replace(to) : router.push(to)
  }

  // What the board starts with is written where everybody sees it.
  watch(
    () => route.fullPath,
    () => {
      if (route.path !== home || 'intent' in route.query) return
      void router.replace({ query: { ...others(), ...queryFromFilter(started()) }, hash: route.hash })
    },
    { immediate: true },
  )

  return { filter, chosen, at, setFilter, choose, setMoment }
}
