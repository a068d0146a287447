import { describe, expect, it } from 'vitest'
import { ApiProblem } from '@/api/errors'
import type { Delivery, Subscription } from '@/api/types'
import { entryFaults, faultOf } from '@/subscriptions/faults'
import { namesOf } from '@/subscriptions/names'
import { deliveryState, lastSent } from '@/subscriptions/standing'

const now = Date.parse('2026-11-21T12:00:00Z')
const subscription = (change: Partial<Subscription> = {}) => ({ active: true, webhook: null, fault: null, mute_until: null, ...change }) as Subscription
const delivery = (state: string, change: Partial<Delivery> = {}) => ({ state, sample: false, finished_at: null, ...change }) as Delivery

describe('how a subscription stands', () => {
  it('names the worst first', () => {
    const off = { failing_since: '2026-11-20T00:00:00Z', off_at: '2026-11-21T00:00:00Z', off_why: 'gone' }
    expect(deliveryState(subscription({ fault: 'unknown key', webhook: off }), [], now).words).toBe('filter can’t be read')
    expect(deliveryState(subscription({ webhook: off, active: false }), [], now).words).toBe('webhook switched off')
    expect(deliveryState(subscription({ webhook: { ...off, off_at: null } }), [], now).words).toBe('webhook failing')
    expect(deliveryState(subscription({ active: false }), [], now).words).toBe('paused')
    expect(deliveryState(subscription({ mute_until: '2026-11-22T00:00:00Z' }), [], now).words).toBe('muted')
    expect(deliveryState(subscription({ mute_until: '2026-11-20T00:00:00Z' }), [], now).words).toBe('nothing sent yet')
  })

  it('goes by the last delivery that was decided', () => {
    expect(deliveryState(subscription(), [delivery('queued'), delivery('dead'), delivery('sent')], now)).toEqual({ words: 'last one failed', kind: 'bad' })
    expect(deliveryState(subscription(), [delivery('queued'), delivery('sending'), delivery('sent')], now).words).toBe('2 wait')
    expect(deliveryState(subscription(), [delivery('dropped'), delivery('sent')], now)).toEqual({ words: 'fine', kind: 'fine' })
  })

  it('does not count samples as sent', () => {
    const sent = [
      delivery('sent', { sample: true, finished_at: '2026-11-21T11:00:00Z' }),
      delivery('queued'),
      delivery('sent', { finished_at: '2026-11-20T11:00:00Z' }),
    ]
    expect(lastSent(sent)).toBe('2026-11-20T11:00:00Z')
    expect(lastSent(sent.slice(0, 2))).toBeNull()
  })
})

describe('the field at fault', () => {
  const problem = (field: string, status = 400) =>
    new ApiProblem(status, { type: '/problems/invalid', title: 'Not understood', status, detail: `${field}: no`, field })

  it.each([
    ['name', 'name'],
    ['filter.pos', 'filter.pos'],
    ['filter', 'filter'],
    ['events[1]', 'events'],
    ['quiet.from', 'quiet'],
    ['max_per_hour', 'max_per_hour'],
    ['channels', 'mail'],
    ['channels[0].hour', 'mail'],
    ['channels[1].url', 'webhook'],
    ['days', 'form'],
  ])('is found for %s at %s', (path, field) => {
    expect(faultOf(problem(path), true)?.field).toBe(field)
  })

  it('is told without the name by which programs call it', () => {
    const about = (field: string, detail: string) =>
      faultOf(new ApiProblem(400, { type: '/problems/filter', title: '', status: 400, detail, field }), true)?.text
    expect(about('time_zone', 'time_zone: it takes a name such as UTC')).toBe('It takes a name such as UTC.')
    expect(about('filter.band', '`filter.band` takes Radio, UV, not "Uv8"; did you mean "UV"?')).toBe('It takes Radio, UV, not "Uv8"; did you mean "UV"?')
  })

  it('is the webhook when there is no mail before it', () => {
    expect(faultOf(problem('channels[0].url'), false)?.field).toBe('webhook')
  })

  it('is none when the problem is of another kind', () => {
    expect([faultOf(problem('name', 409), true), faultOf(new TypeError('network'), true), faultOf(null, true)]).toEqual([null, null, null])
  })

  it('is told for each entry of a file', () => {
    const errors = [{ index: 2, detail: '`filter.band` takes Radio', field: 'filter.band' }, { detail: 'no place' }]
    const error = new ApiProblem(400, { type: '/problems/entries', title: 'Not understood', status: 400, detail: '', errors } as never)
    expect(entryFaults(error).map(({ index, detail }) => [index, detail])).toEqual([[2, '`filter.band` takes Radio']])
    expect(entryFaults(problem('version'))).toEqual([])
  })
})

describe('names that are proposed', () => {
  it('are telescopes with their other names, and instruments with their telescopes', () => {
    const instrument = (name: string) => ({ name, aliases: [], bands: [] })
    const names = namesOf([
      { name: 'HST', title: 'Hubble Space Telescope', aliases: ['Hubble'], instruments: [instrument('WFC3')] },
      { name: 'X', title: 'Twin', aliases: [], instruments: [instrument('WFC3')] },
    ])
    expect(names).toEqual({
      facilities: [{ value: 'HST', label: 'Hubble Space Telescope, Hubble' }, { value: 'X', label: 'Twin' }],
      instruments: [{ value: 'WFC3', label: 'HST, X' }],
    })
  })
})
