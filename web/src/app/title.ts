import { onScopeDispose, ref, watch, type MaybeRefOrGetter, toValue } from 'vue'
import { frame } from '@/messages/frame'

const ofRoute = ref<string | null>(null)
const ofPage = ref<string | null>(null)

/** The title in full: what the page says of itself, else what its route does. */
function inFull(): string {
  const own = ofPage.value ?? ofRoute.value
  return own === null ? frame.name : `${own} · ${frame.name}`
}

watch(
  inFull,
  (title) => {
    document.title = title
  },
  { flush: 'sync' },
)

/** Gives the page its route's title; a page that knows better says so with `useTitle`. */
export function setRouteTitle(title: string | undefined): void {
  ofRoute.value = title ?? null
}

/** The title of a page that knows more than its route, as `useTitle(() => facility.value?.title)`. */
export function useTitle(title: MaybeRefOrGetter<string | null | undefined>): void {
  let mine: string | null = null
  watch(
    () => toValue(title),
    (said) => {
      mine = said ?? null
      ofPage.value = mine
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    // The next page may have come before this one went.
    if (ofPage.value === mine) ofPage.value = null
  })
}
