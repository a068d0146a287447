/** What the store is made of in a browser. */
import { api, ask } from '@/api/client'
import { serverNow, serverSaid } from '@/time/clock'
import { paramsFromFilter } from './filter'
import type { Query } from './scope'
import type { Page, Remembered, StoreParts } from './store'

/** Where the last board is kept for the next visit. */
const BOARD_KEY = 'starboard.board'
/** Rows of a page, the most the server gives. */
const PAGE = '200'

/** The real network, clock and device. */
export function browserParts(): StoreParts {
  return {
    openSocket: (path) => new WebSocket(`${globalThis.location.origin.replace(/^http/, 'ws')}${path}`),
    openStream: (path) => new EventSource(path),
    clock: {
      now: serverNow,
      after(milliseconds, call) {
        const timer = setTimeout(call, milliseconds)
        return () => clearTimeout(timer)
      },
    },
    random: Math.random,
    online: () => navigator.onLine,
    serverSaid,
    fetchPage,
    fetchSources: async () => (await ask(api.GET('/api/sources'))).items,
    recall,
    remember,
  }
}

/** A page of the activities that pass a filter. */
export function fetchPage({ filter, sort }: Query, cursor: string | null, signal: AbortSignal): Promise<Page> {
  const query = new URLSearchParams([...paramsFromFilter(filter), ['sort', sort], ['limit', PAGE]])
  if (cursor !== null) query.set('cursor', cursor)
  // Repeated keys are written in one place, here and for the socket.
  return ask(api.GET('/api/activities', { querySerializer: () => query.toString(), signal }))
}

function recall(): Remembered | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(BOARD_KEY) ?? 'null')
    const whole = typeof kept === 'object' && kept !== null && 'activities' in kept && Array.isArray(kept.activities)
    return whole ? (kept as unknown as Remembered) : null
  } catch {
    return null
  }
}

function remember(board: Remembered) {
  try {
    localStorage.setItem(BOARD_KEY, JSON.stringify(board))
  } catch {
    // A full or closed store: the next visit starts without.
  }
}
