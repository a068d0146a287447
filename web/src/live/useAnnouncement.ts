import { onScopeDispose, ref, watch, type Ref } from 'vue'
import type { Activity } from '@/api/types'
import { page as words } from '@/messages/live'
import { isNow } from './place'

/** Between two announcements, milliseconds. */
const APART = 10_000

/**
 * What a screen reader is told: how much the filter shows, once it is loaded, at most every ten seconds. News that come
 * by themselves are not announced.
 */
export function useAnnouncement(activities: Ref<Activity[]>, loading: Ref<boolean>): Ref<string> {
  const said = ref('')
  let last = -Infinity
  let waiting: ReturnType<typeof setTimeout> | undefined

  function say() {
    last = performance.now()
    said.value = words.announced(activities.value.length, activities.value.filter(isNow).length)
  }

  watch(loading, (still, before) => {
    if (still || !before) return
    clearTimeout(waiting)
    waiting = setTimeout(say, Math.max(0, last + APART - performance.now()))
  })
  onScopeDispose(() => clearTimeout(waiting))
  return said
}
