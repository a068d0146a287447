import { beforeEach, describe, expect, it } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { draftFrom, queryOf, saysDraft } from '@/subscriptions/address'
import { type Draft, bodyOf, draftOf, isQuiet, newDraft, sameDraft, withValues } from '@/subscriptions/draft'
import { forgetKept, keep, kept } from '@/subscriptions/kept'
import type { Subscription } from '@/api/types'

const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:path(.*)*', component: {} }] })

/** Through an address as text, as it would go to another browser. */
function throughAddress(draft: Draft): Draft {
  return draftFrom(router.resolve(router.resolve({ path: '/subscriptions/new', query: queryOf(draft) }).fullPath).query)
}

const full: Draft = {
  name: 'Orion & friends, 100 % of it?',
  filter: { facility: ['JWST', 'ESO-VLT-U1'], pos: ['CIRCLE 83.6 -5.4 2', 'POLYGON 1 2 3 4 5 6'], text: ['été + "hiver"'], intent: ['science', 'null'] },
  events: ['scheduled', 'started', 'aborted'],
  mail: { when: 'nightly', hour: 6 },
  webhook: null,
  oncePer: 'activity',
  quiet: { from: '22:30', to: '07:00' },
  maxPerHour: 12,
}

describe('a draft in an address', () => {
  it('comes back as it was', () => {
    expect(throughAddress(full)).toEqual(full)
    expect(throughAddress(newDraft())).toEqual(newDraft())
  })

  it('comes back without intent where intent was taken out', () => {
    const draft = { ...newDraft(), filter: {} }
    expect(throughAddress(draft)).toEqual(draft)
  })

  it('comes back without events and mails where there are none', () => {
    const draft: Draft = { ...newDraft(), events: [], mail: null }
    expect(throughAddress(draft)).toEqual(draft)
  })

  it('never holds the address of a webhook', () => {
    const query = JSON.stringify(queryOf({ ...full, webhook: 'https://hooks.example.org/secret' }))
    expect(query).not.toContain('hooks.example.org')
  })

  it('begins with science and unknown intent where a page says what to tell about and no intent', () => {
    expect(draftFrom({ facility: 'JWST' })).toEqual({ ...newDraft(), filter: { intent: ['science', 'null'], facility: ['JWST'] } })
  })

  it('reads nonsense as if it were not there', () => {
    const draft = draftFrom({ event: ['started', 'exploded'], mail: 'nightly-99', quiet: '25:00-07:00', max_per_hour: '-3', once_per: 'week', colour: 'red' })
    expect(draft).toEqual({ ...newDraft(), events: ['started'] })
  })

  it('is told from an address that says nothing of it', () => {
    expect([saysDraft({}), saysDraft({ a: '1' }), saysDraft({ pos: 'CIRCLE 1 2 3' }), saysDraft({ mail: 'off' })]).toEqual([false, false, true, true])
  })
})

describe('a draft as a body', () => {
  it('says all the API takes', () => {
    expect(bodyOf({ ...full, webhook: ' https://hooks.example.org/x ' }, 'unused')).toEqual({
      name: 'Orion & friends, 100 % of it?',
      filter: full.filter,
      events: ['scheduled', 'started', 'aborted'],
      channels: [
        { type: 'email', when: 'nightly', hour: 6 },
        { type: 'webhook', url: 'https://hooks.example.org/x' },
      ],
      once_per: 'activity',
      quiet: { from: '22:30', to: '07:00' },
      max_per_hour: 12,
    })
  })

  it('is called by its rule when nobody named it, and gives no hour to other mails', () => {
    const body = bodyOf({ ...newDraft(), name: '  ' }, 'JWST')
    expect([body.name, body.channels]).toEqual(['JWST', [{ type: 'email', when: 'now' }]])
  })

  it('comes back from what was saved', () => {
    const saved = { ...bodyOf(full, ''), id: '1', active: true } as unknown as Subscription
    expect(draftOf(saved)).toEqual(full)
  })

  it('is the same whatever the order of its keys, and another one with another value', () => {
    const one = { ...newDraft(), filter: { band: ['UV'], class: ['space'], site: [] } }
    expect(sameDraft(one, { ...newDraft(), filter: { class: ['space'], band: ['UV'] } })).toBe(true)
    expect(sameDraft(one, { ...one, filter: { class: ['ground'], band: ['UV'] } })).toBe(false)
    expect(sameDraft(one, { ...one, webhook: '' })).toBe(false)
  })

  it('loses a key with its last value', () => {
    expect(withValues({ band: ['UV'], class: ['space'] }, 'band', [])).toEqual({ class: ['space'] })
  })

  it('takes two different times of the day for quiet hours', () => {
    const tried = [['22:00', '07:00'], ['7:00', '08:00'], ['24:00', '07:00'], ['07:00', '07:00'], ['', '07:00']] as const
    expect(tried.map(([from, to]) => isQuiet({ from, to }))).toEqual([true, false, false, false, false])
  })
})

describe('a kept draft', () => {
  beforeEach(() => {
    localStorage.clear()
  })
  const at = Date.parse('2026-11-21T12:00:00Z')

  it('is there again, webhook and all, with why it was kept', () => {
    const draft = { ...full, webhook: 'https://hooks.example.org/x' }
    keep(draft, true, at)
    expect(kept(at + 3600_000)).toEqual({ draft, saving: true, at })
  })

  it('is gone once it was forgotten, and after a week', () => {
    keep(full, true, at)
    expect(kept(at + 8 * 24 * 3600_000)).toBeNull()
    keep(full, true, at)
    forgetKept()
    expect(kept(at)).toBeNull()
  })

  it.each(['{', 'null', '{"at":1}', `{"at":${String(at)},"draft":{"name":1}}`])('is nothing when what is kept cannot be read: %s', (text) => {
    localStorage.setItem('starboard.draft', text)
    expect(kept(at)).toBeNull()
  })
})
