import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { now, serverNow, serverSaid, startClock } from '@/time/clock'

const START = Date.parse('2026-11-21T12:00:00Z')
let hidden = false

beforeEach(() => {
  vi.useFakeTimers({ now: START })
  serverSaid(new Date(START).toISOString())
  hidden = false
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden })
})

afterEach(() => {
  vi.useRealTimers()
})

function hide(on: boolean) {
  hidden = on
  document.dispatchEvent(new Event('visibilitychange'))
}

describe('the clock', () => {
  it('goes by the server, not by the visitor', () => {
    serverSaid('2026-11-21T12:05:00Z')
    expect(now.value).toBe(START + 300_000)
    vi.advanceTimersByTime(1500)
    expect(serverNow()).toBe(START + 301_500)
  })

  it('ticks once a second', () => {
    const stop = startClock()
    vi.advanceTimersByTime(2500)
    expect(now.value).toBe(START + 2000)
    stop()
    vi.advanceTimersByTime(5000)
    expect(now.value).toBe(START + 2000)
  })

  it('rests while the page is hidden, and is right as soon as it is seen again', () => {
    const stop = startClock()
    hide(true)
    expect(vi.getTimerCount()).toBe(0)
    vi.advanceTimersByTime(60_000)
    expect(now.value).toBe(START)
    hide(false)
    expect(now.value).toBe(START + 60_000)
    stop()
  })

  it('does not believe what is no time', () => {
    serverSaid('tomorrow')
    expect(serverNow()).toBe(START)
  })
})
