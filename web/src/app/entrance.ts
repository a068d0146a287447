import { computed, type ComputedRef } from 'vue'
import { useRoute, type RouteLocationRaw } from 'vue-router'

/** Pages from which signing in leads on as if one came from nowhere. */
const NOWHERE = ['/login', '/register', '/forgot']

/** The page of signing in, which leads back to where one is now. */
export function useEntrance(): ComputedRef<RouteLocationRaw> {
  const route = useRoute()
  return computed(() => {
    const { fullPath, path } = route
    return fullPath === '/' || NOWHERE.includes(path) ? '/login' : { path: '/login', query: { next: fullPath } }
  })
}
