import { watch } from 'vue'
import { refresh, session } from '@/account/session'

const KEY = 'starboard.visitor'

/**
 * Asks who is signed in, if somebody was when this device was last here: the cookie itself is hidden
 * from scripts, and asking for everybody would have every stranger's first visit begin with a refusal.
 */
export async function recogniseVisitor(store: Storage | null = deviceStore()): Promise<void> {
  watch(
    session.account,
    (account) => {
      if (account) store?.setItem(KEY, 'known')
      else if (session.known.value) store?.removeItem(KEY)
    },
    { flush: 'post' },
  )
  if (store?.getItem(KEY) !== 'known') return
  try {
    await refresh()
    if (session.account.value === null) store.removeItem(KEY)
  } catch {
    // Out of reach: pages that need to know ask again.
  }
}

function deviceStore(): Storage | null {
  try {
    return globalThis.localStorage
  } catch {
    return null
  }
}
