import { describe, expect, it } from 'vitest'
import { GRACE_MS, pillOf } from '@/app/pill'
import type { Source } from '@/api/types'
import type { Connection } from '@/live/feed'

const NOW = Date.parse('2026-11-21T03:12:40Z')
const live: Connection = { state: 'live', way: 'socket', heard: NOW, retryAt: null }
const source = (title: string, health: Source['health']) => ({ title, health }) as Source
const pill = (connection: Partial<Connection>, sources: Source[] = [], since = NOW - 60_000) =>
  pillOf({ ...live, ...connection }, sources, since, NOW)

describe('the connection pill', () => {
  it('counts the sources that are reachable', () => {
    const said = pill({}, [source('ESO', 'good'), source('JWST', 'good')])
    expect(said).toMatchObject({ tone: 'ok', long: 'Connected · 2 of 2 sources reachable', medium: 'Connected · 2 of 2 sources', short: 'Connected' })
  })

  it('names those that are late, and counts out those that are switched off', () => {
    const said = pill({}, [source('ESO', 'good'), source('ALMA', 'late'), source('VLA', 'failing'), source('HST', 'off')])
    expect(said).toMatchObject({ tone: 'warn', long: 'Connected · 1 of 3 sources reachable — ALMA, VLA late', short: '2 late' })
  })

  it('does not count as reachable what was not tried yet', () => {
    expect(pill({}, [source('ESO', 'good'), source('JWST', 'waiting')]).long).toBe('Connected · 1 of 2 sources reachable')
  })

  it('says that news come slowly when they are asked for', () => {
    expect(pill({ way: 'polling' }).long).toBe('Connected, news every 30 s')
  })

  it('counts down to the next try once a break has lasted', () => {
    const broken = { state: 'reconnecting', way: null, retryAt: NOW + 3500 } as const
    expect(pill(broken)).toMatchObject({ tone: 'bad', long: 'Reconnecting in 4 s', retry: true })
    expect(pill({ ...broken, retryAt: null })).toMatchObject({ long: 'Reconnecting…', retry: false })
  })

  it('makes no fuss of a short break', () => {
    expect(pill({ state: 'reconnecting' }, [], NOW - GRACE_MS + 1).tone).toBe('quiet')
    expect(pill({ state: 'reconnecting' }, [], NOW - GRACE_MS).tone).toBe('bad')
  })

  it('says when the server was last heard while there is no network', () => {
    expect(pill({ state: 'offline' }).long).toBe('Offline — last heard 03:12 UTC')
    expect(pill({ state: 'offline', heard: null }).long).toBe('Offline')
  })
})
