import { describe, expect, test } from 'vitest'
import { pause } from '@/live/feed'
import { activity, at, envelope, world } from './world'

async function following() {
  const here = world()
  here.store.setFilter({ facility: ['JWST'] })
  await here.settle()
  return here
}

describe('connecting', () => {
  test('an open socket is told as live', async () => {
    const here = await following()
    expect(here.store.connection.value.state).toBe('starting')
    here.socket().opens(100)

    expect(here.store.connection.value).toMatchObject({ state: 'live', way: 'socket', retryAt: null })
  })

  test('pauses between tries double from one second to thirty, shortened by chance by up to half', () => {
    expect([0, 1, 2, 3, 4, 5, 20].map((attempt) => pause(attempt, 0))).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
    expect(pause(2, 1)).toBe(2000)
  })

  test('a broken socket is tried again after a pause that grows', async () => {
    const here = await following()
    here.socket().breaks()
    await here.pass(999)
    expect(here.sockets).toHaveLength(1)
    await here.pass(1)
    expect(here.sockets).toHaveLength(2)
    here.socket().breaks()
    await here.pass(1999)
    expect(here.sockets).toHaveLength(2)
    await here.pass(1)
    expect(here.sockets).toHaveLength(3)
  })

  test('a socket that has worked begins again with the shortest pause', async () => {
    const here = await following()
    here.socket().breaks()
    await here.pass(1000)
    here.socket().breaks()
    await here.pass(2000)
    here.socket().opens(100)
    here.socket().breaks()
    await here.pass(1000)

    expect(here.sockets).toHaveLength(4)
  })

  test('a silent socket is given up after two and a half keep-alives', async () => {
    const here = await following()
    here.socket().opens(100)
    await here.pass(62_499)
    expect(here.store.connection.value.state).toBe('live')
    await here.pass(1)

    expect(here.sockets[0]?.closed).toBe(true)
    expect(here.store.connection.value.state).toBe('reconnecting')
  })

  test('keep-alives keep a quiet socket', async () => {
    const here = await following()
    here.socket().opens(100)
    for (let minute = 1; minute <= 5; minute += 1) {
      await here.pass(60_000)
      here.socket().says({ type: 'keepalive', seq: 100 + minute, time: at(minute) })
    }

    expect(here.sockets).toHaveLength(1)
    expect(here.store.connection.value.state).toBe('live')
  })

  test('trying at once does not wait for the pause', async () => {
    const here = await following()
    here.socket().breaks()
    here.store.retry()

    expect(here.sockets).toHaveLength(2)
  })

  test('trying at once leaves a working socket alone', async () => {
    const here = await following()
    here.socket().opens(100)
    here.store.retry()

    expect(here.sockets).toHaveLength(1)
  })

  test('without a network it says so, and connects when the network is back', async () => {
    const here = await following()
    here.socket().opens(100)
    here.online = false
    here.store.retry()
    expect(here.store.connection.value.state).toBe('offline')
    here.online = true
    here.store.retry()
    here.socket().opens(100)

    expect(here.store.connection.value.state).toBe('live')
  })

  test('a frame that cannot be read changes nothing', async () => {
    const here = await following()
    here.socket().opens(100)
    here.socket().onmessage?.(new MessageEvent('message', { data: '{' }))

    expect(here.store.connection.value.state).toBe('live')
  })
})

describe('falling back', () => {
  async function withoutSockets() {
    const here = await following()
    here.socket().breaks()
    await here.pass(1000)
    here.socket().breaks()
    return here
  }

  test('after two failed sockets server-sent events take over, from the same place', async () => {
    const here = await withoutSockets()
    expect(here.stream().path).toBe('/api/activities/stream?facility=JWST&since=100')
    here.stream().says('open', { type: 'open', log: 'L', seq: 100, since: 100, time: at(0), keepalive_s: 25 })
    here.stream().says('message', envelope(101, 'started', { id: 'b' }))
    await here.pass(250)

    expect(here.store.connection.value).toMatchObject({ state: 'live', way: 'stream' })
    expect(here.ids()).toEqual(['b'])
  })

  test('a socket that comes up again takes over from the stream, after what that has brought', async () => {
    const here = await withoutSockets()
    here.stream().says('open', { type: 'open', log: 'L', seq: 100, since: 100, time: at(0), keepalive_s: 25 })
    here.stream().says('message', envelope(120, 'started', { id: 'b' }))
    await here.pass(30_000)
    expect(here.socket().path).toContain('since=120')
    here.socket().opens(120)

    expect(here.stream().closed).toBe(true)
    expect(here.store.connection.value.way).toBe('socket')
  })

  test('where neither works the lists are asked for every thirty seconds', async () => {
    const here = await withoutSockets()
    here.stream().breaks()
    expect(here.store.connection.value).toMatchObject({ state: 'reconnecting', way: 'polling' })
    here.rows = [activity({ id: 'polled', seq: 130 })]
    here.seq = 130
    expect(here.ids()).toEqual([])
    await here.pass(30_000)

    expect(here.ids()).toEqual(['polled'])
  })

  test('failing tries do not put off the next poll', async () => {
    const here = await withoutSockets()
    here.stream().breaks()
    const asked = here.asked.length
    for (let second = 0; second < 62; second += 1) {
      await here.pass(1000)
      if (!here.socket().closed) here.socket().breaks()
      if (!here.stream().closed) here.stream().breaks()
    }

    expect(here.asked.length - asked).toBe(2 * 3)
  })

  test('polling ends when a socket comes up', async () => {
    const here = await withoutSockets()
    here.stream().breaks()
    await here.pass(2000)
    here.socket().opens(100)
    const asked = here.asked.length
    await here.pass(31_000)

    expect(here.asked).toHaveLength(asked)
  })

  test('while polling, socket and stream are tried again', async () => {
    const here = await withoutSockets()
    here.stream().breaks()
    await here.pass(2000)
    here.socket().breaks()

    expect(here.sockets).toHaveLength(3)
    expect(here.streams).toHaveLength(2)
  })
})
