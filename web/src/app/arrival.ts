import { nextTick, readonly, ref, type Ref } from 'vue'
import type { RouteLocationNormalized, Router } from 'vue-router'
import { setRouteTitle } from './title'

const underway = ref(false)

/** Whether a page is being fetched. */
export const navigating: Readonly<Ref<boolean>> = readonly(underway)

/** Puts the focus where the new page begins, so that reading goes on there: its heading, else its main part. */
export function focusPage(page: Document = document): void {
  const main = page.querySelector('main')
  const start = main?.querySelector<HTMLElement>('h1') ?? main
  if (!start) return
  if (!start.hasAttribute('tabindex')) start.tabIndex = -1
  start.focus({ preventScroll: true })
}

/** Keeps title and focus in step with the page. A change of filters or panels, in the query alone, moves nothing. */
export function watchArrivals(router: Router): void {
  let first = true
  router.beforeEach((to, from) => {
    underway.value = to.path !== from.path
  })
  router.afterEach(async (to: RouteLocationNormalized, from: RouteLocationNormalized, failure) => {
    underway.value = false
    if (failure) return
    setRouteTitle(to.meta.title)
    const moved = to.path !== from.path && !first
    first = false
    if (!moved) return
    await nextTick()
    focusPage()
  })
  router.onError(() => {
    underway.value = false
  })
}
