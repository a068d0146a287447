import type { Source } from '@/api/types'
import type { Connection } from '@/live/feed'
import { pill as words } from '@/messages/frame'
import { formatUtc } from '@/ui/format'

/** What the connection pill says. */
export interface Pill {
  tone: 'ok' | 'warn' | 'bad' | 'quiet'
  long: string
  /** The same where there is less room, and where there is little. */
  medium: string
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
    const long = heard === null ? words.offline : words.offlineSince(formatUtc(heard).slice(11))
    return { tone: 'bad', long, medium: long, short: words.offline, retry: false }
  }
  if (state === 'reconnecting' && now - since >= GRACE_MS) {
    const seconds = retryAt === null ? 0 : Math.ceil((retryAt - now) / 1000)
    const long = seconds > 0 ? words.reconnecting(seconds) : words.reconnectingNow
    return { tone: 'bad', long, medium: long, short: words.reconnectingNow, retry: seconds > 0 }
  }
  if (state !== 'live') return alike('quiet', words.starting)
  return connected(way === 'polling' ? words.polling : words.live, sources)
}

function connected(how: string, sources: readonly Source[]): Pill {
  const asked = sources.filter((source) => source.health !== 'off')
  if (asked.length === 0) return alike('ok', how)
  const late = asked.filter((source) => source.health === 'late' || source.health === 'failing')
  const good = asked.filter((source) => source.health === 'good').length
  const long = `${how} · ${words.reachable(good, asked.length)}`
  if (late.length === 0) {
    const medium = `${words.live} · ${words.sourcesOf(good, asked.length)}`
    return { tone: 'ok', long, medium, short: words.live, retry: false }
  }
  const count = words.lateCount(late.length)
  const names = words.late(late.map((source) => source.title))
  return { tone: 'warn', long: `${long} — ${names}`, medium: `${words.live} · ${count}`, short: count, retry: false }
}

function alike(tone: Pill['tone'], text: string): Pill {
  return { tone, long: text, medium: text, short: text, retry: false }
}
