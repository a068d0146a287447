import { ref, type Ref } from 'vue'

const TICK_MS = 1000

/** Server minus visitor, milliseconds. */
let offset = 0

const instant = ref(Date.now())

/** The server's time in milliseconds, told once a second while the page is seen. */
export const now: Ref<number> = instant

/** The server's time in milliseconds, at this instant. */
export function serverNow(): number {
  return Date.now() + offset
}

/** Takes the server's word for what time it is: an RFC 3339 timestamp, read as soon as it came. */
export function serverSaid(time: string): void {
  const said = Date.parse(time)
  if (Number.isNaN(said)) return
  offset = said - Date.now()
  instant.value = serverNow()
}

/** Starts the ticker that moves `now`; it rests while the page is hidden. Answers with what stops it. */
export function startClock(page: Document = document): () => void {
  let ticker: ReturnType<typeof setInterval> | undefined
  const tick = () => {
    instant.value = serverNow()
  }
  const turn = () => {
    clearInterval(ticker)
    ticker = undefined
    if (page.hidden) return
    tick()
    ticker = setInterval(tick, TICK_MS)
  }
  page.addEventListener('visibilitychange', turn)
  turn()
  return () => {
    clearInterval(ticker)
    page.removeEventListener('visibilitychange', turn)
  }
}
