import type { Router } from 'vue-router'
import { inWords } from '@/api/errors'
import { problems } from '@/messages/frame'
import { toast } from '@/ui/toast'
import { fault } from './faults'
import { isMissingChunk, lookForNewVersion, wantedToGo } from './version'

/**
 * Answers for pages whose code does not come. Either the server has another version by now, then a
 * notice offers it; or it is out of reach, then that is said, and the page that is open stays.
 */
export function watchFetching(router: Router, page: Window = window): void {
  // Parts of pages that are fetched later on; the event comes before the error is thrown.
  page.addEventListener('vite:preloadError', () => void lookForNewVersion())
  router.onError(async (error: unknown, to, from) => {
    const missing = isMissingChunk(error)
    if (missing && (await lookForNewVersion())) {
      wantedToGo(to.fullPath)
      return
    }
    if (from.matched.length === 0) fault.value = { error, missing }
    else toast(missing ? problems.unreachable : inWords(error), 'error')
  })
}
