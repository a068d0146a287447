/**
 * The live feed: a WebSocket; while that does not come up, Server-Sent Events; while neither does, a call to poll.
 * The better ways are tried again and again with growing pauses, and a feed always resumes where it stopped.
 */
import type { Envelope, Filter } from '@/api/types'
import { paramsFromFilter } from './filter'

/** How news comes in, and since when it does not. */
export interface Connection {
  /** `live`: news come as they happen. `reconnecting`: they do not. `offline`: the device has no network. */
  state: 'starting' | 'live' | 'reconnecting' | 'offline'
  /** The way news come in at present; null while none works. */
  way: 'socket' | 'stream' | 'polling' | null
  /** When the server was last heard, server milliseconds; null before that. */
  heard: number | null
  /** When the next try is made, server milliseconds; null when none is waiting. */
  retryAt: number | null
}

/** What the feed needs of a WebSocket. */
export interface SocketLike {
  onmessage: ((event: MessageEvent) => void) | null
  onclose: ((event: CloseEvent) => void) | null
  onerror: ((event: Event) => void) | null
  close: () => void
}

/** What the feed needs of an EventSource. */
export interface StreamLike {
  onerror: ((event: Event) => void) | null
  addEventListener: (kind: string, call: (event: Event) => void) => void
  close: () => void
}

/** Time as the feed reads and waits for it. */
export interface Clock {
  /** Server time, milliseconds. */
  now: () => number
  /** Calls back once after so many milliseconds; the answer cancels it. */
  after: (milliseconds: number, call: () => void) => () => void
}

/** What a feed is made of, so that tests can make one of parts they hold. */
export interface FeedParts {
  openSocket: (path: string) => SocketLike
  openStream: (path: string) => StreamLike
  clock: Clock
  random: () => number
  online: () => boolean
}

/** What a feed tells. */
export interface FeedEars {
  envelope: (envelope: Envelope) => void
  /** What was held is of no use any more: reload by REST. */
  reset: () => void
  /** The server's time. */
  time: (time: string) => void
  connection: (connection: Connection) => void
  /** No live way works: ask by REST. */
  poll: () => void
}

/** A live feed. */
export interface Feed {
  /** Follows another filter, from a place in the log; null: from its end. */
  follow: (filter: Filter, since: number | null) => void
  /** Tries at once, as when the network comes or goes; a working connection is left alone. */
  retry: () => void
  stop: () => void
}

/** Longest pause between two tries, milliseconds. */
const LONGEST = 30_000
/** Between two polls, milliseconds. */
const POLL_EVERY = 30_000
/** Silence after which a connection is given up: so many keep-alives. */
const PATIENCE = 2.5

/** A frame of the live protocol, as far as it is read. */
type Frame =
  | ({ type: 'activity' } & Envelope)
  | { type: 'open' | 'reset'; log: string; seq: number; time?: string; since?: number; keepalive_s?: number }
  | { type: 'keepalive'; seq: number; time: string }
  | { type: 'filter'; seq: number }
  | { type: 'error' }

/** Pause before the next try: 1 s, doubling up to 30 s, each shortened at random by up to half. */
export function pause(attempt: number, random: number): number {
  return Math.min(LONGEST, 1000 * 2 ** Math.min(attempt, 10)) * (1 - random / 2)
}

/** A feed; it is still until it is told what to follow. */
export function createFeed(parts: FeedParts, ears: FeedEars): Feed {
  const { clock } = parts
  let connection: Connection = { state: 'starting', way: null, heard: null, retryAt: null }
  let filter: Filter = {}
  let position: number | null = null
  let log: string | null = null
  let attempts = 0
  let keepalive = 25
  let socket: SocketLike | null = null
  let stream: StreamLike | null = null
  const timers = { retry: none, poll: none, socket: none, stream: none }

  function say(change: Partial<Connection>) {
    connection = { ...connection, ...change }
    ears.connection(connection)
  }

  function path(route: 'live' | 'stream'): string {
    const query = paramsFromFilter(filter)
    if (position !== null) query.set('since', String(position))
    if (position !== null && log !== null) query.set('log', log)
    return `/api/activities/${route}?${query}`
  }

  function connect() {
    timers.retry()
    if (!parts.online()) return offline()
    const mine = parts.openSocket(path('live'))
    socket = mine
    const lost = () => {
      if (socket !== mine) return
      dropSocket()
      lostSocket()
    }
    watch('socket', lost)
    mine.onmessage = ({ data }: MessageEvent) => {
      if (socket !== mine) return
      watch('socket', lost)
      hear(data, () => {
        attempts = 0
        dropStream()
        timers.poll()
        say({ state: 'live', way: 'socket', retryAt: null })
      })
    }
    mine.onclose = lost
    mine.onerror = lost
  }

  function lostSocket() {
    attempts += 1
    if (connection.way === 'socket') say({ way: null })
    if (connection.way !== 'stream') say({ state: 'reconnecting' })
    if (!parts.online()) return offline()
    if (attempts >= 2) openStream()
    retryIn(connection.way === 'stream' ? LONGEST : pause(attempts - 1, parts.random()))
  }

  function openStream() {
    if (stream) return
    const mine = parts.openStream(path('stream'))
    stream = mine
    const lost = () => {
      if (stream !== mine) return
      dropStream()
      if (connection.way === 'stream') say({ state: 'reconnecting', way: null })
      startPolling()
    }
    const read = ({ data }: MessageEvent) => {
      if (stream !== mine) return
      watch('stream', lost)
      hear(data, () => {
        timers.poll()
        say({ state: 'live', way: 'stream' })
      })
    }
    watch('stream', lost)
    for (const kind of ['message', 'open', 'keepalive', 'reset']) {
      mine.addEventListener(kind, (event) => {
        if (event instanceof MessageEvent) read(event)
      })
    }
    mine.onerror = lost
  }

  /** Reads a frame; `opened` is called when it is the first of a connection. */
  function hear(text: string, opened: () => void) {
    const frame = parse(text)
    if (!frame) return
    if (frame.type === 'activity') {
      position = Math.max(position ?? 0, frame.seq)
      ears.envelope(frame)
    } else if (frame.type === 'open') {
      log = frame.log
      position ??= frame.seq
      keepalive = frame.keepalive_s ?? keepalive
      opened()
    } else if (frame.type === 'reset') {
      log = frame.log
      position = frame.seq
      ears.reset()
    } else if (frame.type === 'keepalive') {
      position = Math.max(position ?? 0, frame.seq)
    }
    if ('time' in frame && frame.time) ears.time(frame.time)
    say({ heard: clock.now() })
  }

  function watch(kind: 'socket' | 'stream', lost: () => void) {
    timers[kind]()
    timers[kind] = clock.after(keepalive * PATIENCE * 1000, lost)
  }

  function startPolling() {
    if (connection.way === 'polling') return
    say({ way: 'polling' })
    timers.poll = clock.after(POLL_EVERY, pollAgain)
  }

  function pollAgain() {
    ears.poll()
    timers.poll = clock.after(POLL_EVERY, pollAgain)
  }

  function retryIn(milliseconds: number) {
    timers.retry()
    say({ retryAt: clock.now() + milliseconds })
    timers.retry = clock.after(milliseconds, connect)
  }

  function offline() {
    dropStream()
    timers.poll()
    say({ state: 'offline', way: null })
    retryIn(LONGEST)
  }

  function dropSocket() {
    const old = socket
    socket = null
    timers.socket()
    old?.close()
  }

  function dropStream() {
    const old = stream
    stream = null
    timers.stream()
    old?.close()
  }

  function stop() {
    for (const cancel of Object.values(timers)) cancel()
    dropSocket()
    dropStream()
  }

  return {
    follow(wanted, since) {
      stop()
      filter = wanted
      position = since
      attempts = 0
      connect()
    },
    retry() {
      if (parts.online() && connection.state === 'live' && connection.way === 'socket') return
      dropSocket()
      if (connection.state === 'offline') say({ state: 'reconnecting' })
      connect()
    },
    stop,
  }
}

function parse(text: string): Frame | null {
  try {
    const frame: unknown = JSON.parse(text)
    return typeof frame === 'object' && frame !== null && 'type' in frame ? (frame as Frame) : null
  } catch {
    return null
  }
}

function none() {
  // Nothing to cancel yet.
}
