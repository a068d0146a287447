import { describe, expect, it } from 'vitest'
import type { Subscription } from '@/api/types'
import { type Draft, bodyOf, newDraft } from '@/subscriptions/draft'
import { heldOf } from '@/subscriptions/targets'
import { anyOf, channelsInBrief, channelsOf, hostOf, howInWords, nameFor, ruleInBrief, ruleInWords } from '@/subscriptions/words'

const draft = (change: Partial<Draft> = {}): Draft => ({ ...newDraft(), ...change })

describe('a rule in words', () => {
  it('says how, when and of what', () => {
    const rule = ruleInWords(draft({ filter: { facility: ['JWST', 'HST'], pos: ['CIRCLE 83.6 22 2'] } }))
    expect(rule).toBe('A mail at once when an observation starts or turns up as observed. Only: JWST or HST · within 2° of 83.6, +22.')
  })

  it('says what is unusual about it', () => {
    const rule = ruleInWords(
      draft({
        filter: {},
        events: ['scheduled', 'changed', 'withdrawn'],
        mail: { when: 'nightly', hour: 6 },
        webhook: 'https://hooks.example.org/secret',
        oncePer: 'activity',
        quiet: { from: '22:00', to: '07:00' },
        maxPerHour: 5,
      }),
    )
    expect(rule).toBe(
      'A daily digest by mail at 06:00 and a webhook to hooks.example.org when an observation is scheduled, is changed in the plan or is withdrawn. ' +
        'Of everything on the board. Each activity is told on its own, also those that belong to one observation. ' +
        'Nothing between 22:00 and 07:00. At most 5 an hour; the rest comes as one digest.',
    )
  })

  it('says what is missing', () => {
    const rules = [draft({ filter: {}, events: [], mail: null }), draft({ filter: {}, events: [] })].map((one) => ruleInWords(one))
    expect(rules).toEqual([
      'Nothing is sent yet: choose a mail or a webhook. Of everything on the board.',
      'A mail at once, but never: choose at least one event. Of everything on the board.',
    ])
  })

  it('calls own sites by their names, and shows no coordinates of theirs', () => {
    const filter = { visible_from: ['0199-a'], sun_below: ['-12'] }
    expect(ruleInWords(draft({ filter }), { '0199-a': 'Garden' })).toContain('visible from Garden, Sun below -12°')
  })
})

describe('small words', () => {
  it('lists things as people do', () => {
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(anyOf)).toEqual(['', 'a', 'a or b', 'a, b or c'])
  })

  it('shows no more of a webhook than its host', () => {
    expect(['https://user:pw@hooks.example.org:8443/a?b', 'hooks', ''].map(hostOf)).toEqual(['hooks.example.org:8443', 'an address to be given', 'an address to be given'])
  })

  it('names each channel briefly', () => {
    expect(channelsInBrief(draft({ mail: { when: 'hourly', hour: 7 }, webhook: 'https://x.example.org' }))).toEqual(['Hourly mail', 'Webhook'])
    expect(howInWords({ mail: null, webhook: 'https://x.example.org' })).toBe('A webhook to x.example.org')
  })

  it('calls a subscription by its conditions, intent aside', () => {
    expect(nameFor(draft({ filter: { intent: ['science'], target: ['M31'], visible_from: ['g'], min_alt: ['40'] } }), { g: 'Garden' })).toBe(
      'target M31 · visible from Garden, at least 40° high',
    )
    expect(nameFor(draft())).toBe('Everything that starts or turns up as observed')
    expect(nameFor(draft({ filter: { text: ['x'.repeat(300)] } }))).toHaveLength(200)
  })
})

describe('a saved subscription in brief', () => {
  const saved = (change: Partial<Draft>, name: string) => bodyOf(draft(change), name) as unknown as Subscription

  it('says what its name does not', () => {
    const filter = { target: ['M31'], intent: ['science'] }
    expect(ruleInBrief(saved({ filter }, 'Andromeda'))).toBe('When something starts or turns up as observed · target M31 · science')
    expect(ruleInBrief(saved({ filter }, 'target M31'))).toBe('When something starts or turns up as observed · science')
    expect(ruleInBrief(saved({ filter: { target: ['M31'] } }, 'target M31'))).toBe('When something starts or turns up as observed')
    expect(ruleInBrief(saved({ filter: {} }, 'All'))).toBe('When something starts or turns up as observed · everything')
  })

  it('names its channels', () => {
    expect(channelsOf(saved({ mail: { when: 'nightly', hour: 7 }, webhook: 'https://x.example.org' }, 'x'))).toBe('Daily mail, 07:00, Webhook')
  })
})

describe('a target by name', () => {
  it('has a position when all its pointings lie together, also across right ascension 0', () => {
    const held = heldOf({ by_status: { scheduled: 1, performed: 2 }, items: [{ s_ra: 359.99, s_dec: 1 }, { s_ra: 0.01, s_dec: 1 }, { s_ra: null, s_dec: null }] })
    expect(held).toEqual({ count: 3, position: { ra: 359.99, dec: 1, pos: 'CIRCLE 359.99 1 0.1' } })
  })

  it('has none when it moves, or when nobody gave one', () => {
    expect(heldOf({ by_status: {}, items: [{ s_ra: 10, s_dec: 0 }, { s_ra: 12, s_dec: 0 }] }).position).toBeNull()
    expect(heldOf({ by_status: {}, items: [{ s_ra: null, s_dec: null }] }).position).toBeNull()
  })
})
