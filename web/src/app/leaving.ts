import { onScopeDispose } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/**
 * Tells whether somebody is on the way to another page, whose parts may still be coming. What a page
 * writes into its own address meanwhile would call them back.
 */
export function useLeaving(): () => boolean {
  const route = useRoute()
  const router = useRouter()
  let heading: string | null = null
  const stops = [
    router.beforeEach((to) => {
      heading = to.path
    }),
    router.afterEach(() => {
      heading = null
    }),
    router.onError(() => {
      heading = null
    }),
  ]
  onScopeDispose(() => {
    for (const stop of stops) stop()
  })
  return () => heading !== null && heading !== route.path
}
