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

/** How long a page may take to put its heading in the place of a first one, milliseconds. */
const SETTLES_MS = 10_000
/** What a visitor does ends it. */
const DEEDS = ['keydown', 'pointerdown']

let letGo: (() => void) | null = null

/**
 * The same, and again when the page puts another heading in the place of the one that had the focus,
 * as when its data come; until the visitor does something.
 */
export function followPage(page: Document = document): void {
  letGo?.()
  focusPage(page)
  const main = page.querySelector('main')
  if (!main) return
  const observer = new MutationObserver(() => {
    if (page.activeElement === page.body) focusPage(page)
  })
  const end = () => {
    clearTimeout(timer)
    observer.disconnect()
    for (const deed of DEEDS) page.removeEventListener(deed, end)
  }
  const timer = setTimeout(end, SETTLES_MS)
  letGo = end
  observer.observe(main, { childList: true, subtree: true })
  for (const deed of DEEDS) page.addEventListener(deed, end)
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
    followPage()
  })
  router.onError(() => {
    underway.value = false
  })
}
