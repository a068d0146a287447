import { describe, expect, it } from 'vitest'
import { ref } from 'vue'
import { browserInWords } from '@/account/agent'
import { useCountdown } from '@/account/countdown'
import { examples } from '@/account/examples'
import { hasOutbox } from '@/account/outbox'

describe('a browser in words', () => {
  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0', 'Edge on Windows'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1', 'Safari on iPhone'],
    ['Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36', 'Chrome on Android'],
    ['curl/8.9', 'curl'],
    ['something nobody has heard of', 'something nobody has heard of'],
  ])('%s', (agent, words) => {
    expect(browserInWords(agent)).toBe(words)
  })

  it('is unknown when it says nothing', () => {
    expect(browserInWords(null)).toBe('Unknown browser')
  })
})

describe('a countdown', () => {
  it('counts whole seconds down to none', () => {
    const clock = ref(1_000_000)
    const { left, start } = useCountdown(clock)
    expect(left.value).toBe(0)
    start(60)
    expect(left.value).toBe(60)
    clock.value += 59_001
    expect(left.value).toBe(1)
    clock.value += 10_000
    expect(left.value).toBe(0)
  })
})

describe('examples of a token', () => {
  it('are commands for this very server', () => {
    expect(examples('starboard_abc', 'https://starboard.example.org')).toEqual({
      curl: "curl -H 'Authorization: Bearer starboard_abc' \\\n  'https://starboard.example.org/api/subscriptions'",
      socket: "websocat -H 'Authorization: Bearer starboard_abc' \\\n  'wss://starboard.example.org/api/activities/live?facility=JWST'",
    })
  })
})

describe('the outbox', () => {
  const answering = (status: number, type: string) => () => Promise.resolve(new Response(null, { status, headers: { 'content-type': type } }))

  it('is there when its style sheet is', async () => {
    expect(await hasOutbox(answering(200, 'text/css; charset=utf-8'))).toBe(true)
  })

  it('is not there when the app answers in its place, nobody does, or the network is gone', async () => {
    expect(await hasOutbox(answering(200, 'text/html'))).toBe(false)
    expect(await hasOutbox(answering(404, 'text/css'))).toBe(false)
    expect(await hasOutbox(() => Promise.reject(new TypeError('network')))).toBe(false)
  })
})
