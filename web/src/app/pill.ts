import type { Source } from '@/api/types'
import type { Connection } from '@/live/feed'
import { pill as words } from '@/messages/frame'
import { formatUtc } from '@/ui/format'

/** What the connection pill says. */
export interface Pill {
  tone: 'ok' | 'warn' | 'bad' | 'quiet'
  text: string
  /** The same where there is little room. */
  short: string
  /** Whether trying at once makes sense. */
  retry: boolean
}

/** A break shorter than this is not worth a word, milliseconds. */
export const GRACE_MS = 5000

/**
 * The pill for a connection and the sources.
 * @param since when the connection took on its state, and `now`: server milliseconds
 */
export function pillOf(connection: Connection, sources: readonly Source[], since: number, now: number): Pill {
  const { state, way, heard, retryAt } = connection
  if (state === 'offline') {
    const text = heard === null ? words.offline : words.offlineSince(formatUtc(heard).slice(11))
    return { tone: 'bad', text, short: words.offline, retry: false }
  }
  if (state === 'reconnecting' && now - since >= GRACE_MS) {
    const seconds = retryAt === null ? 0 : Math.ceil((retryAt - now) / 1000)
    const text = seconds > 0 ? words.reconnecting(seconds) : words.reconnectingNow
    return { tone: 'bad', text, short: words.reconnectingNow, retry: seconds > 0 }
  }
  if (state !== 'live') return { tone: 'quiet', text: words.starting, short: words.starting, retry: false }
  return connected(way === 'polling' ? words.polling : words.live, sources)
}

function connected(how: string, sources: readonly Source[]): Pill {
  const asked = sources.filter((source) => source.health !== 'off')
  if (asked.length === 0) return { tone: 'ok', text: how, short: words.live, retry: false }
  const late = asked.filter((source) => source.health === 'late' || source.health === 'failing')
  const counts = words.reachable(asked.filter((source) => source.health === 'good').length, asked.length)
  if (late.length === 0) return { tone: 'ok', text: `${how} · ${counts}`, short: words.live, retry: false }
  const names = words.late(late.map((source) => source.title))
  return { tone: 'warn', text: `${how} · ${counts} — ${names}`, short: words.lateCount(late.length), retry: false }
}
