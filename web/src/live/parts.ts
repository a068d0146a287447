/** What the store is made of in a browser. */
import { api, ask } from '@/api/client'
import { serverNow, serverSaid } from '@/time/clock'
import { paramsFromFilter } from './filter'
import type { Remembered, StoreParts } from './store'

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
    fetchPage({ filter, sort }, cursor, signal) {
      const query = new URLSearchParams([...paramsFromFilter(filter), ['sort', sort], ['limit', PAGE]])
      if (cursor !== null) query.set('cursor', cursor)
      // The filter's keys repeat, which is what the server takes; they are written once, here and for the socket.
      return ask(api.GET('/api/activities', { querySerializer: () => query.toString(), signal }))
    },
    fetchSources: async () => (await ask(api.GET('/api/sources'))).items,
    recall,
    remember,
  }
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
