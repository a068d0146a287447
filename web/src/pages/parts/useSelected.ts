/** The activity whose panel is open, kept in the address as `?a=`. */
import { computed, type ComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

export interface Selected {
  selected: ComputedRef<string | null>
  select: (id: string) => void
  close: () => void
}

/** Choosing the same activity again closes its panel. */
export function useSelected(): Selected {
  const route = useRoute()
  const router = useRouter()
  const selected = computed(() => {
    const id = [route.query['a']].flat()[0]
    return typeof id === 'string' && id !== '' ? id : null
  })
  const put = (id: string | null) => {
    const query = { ...route.query }
    delete query['a']
    if (id !== null) query['a'] = id
    void router.replace({ query, hash: route.hash })
  }
  return {
    selected,
    select: (id) => {
      put(id === selected.value ? null : id)
    },
    close: () => {
      put(null)
    },
  }
}
