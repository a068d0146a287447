import { describe, expect, test } from 'vitest'
import { calendarOf } from '@/live/calendar'
import { sorted } from '@/live/columns'
import { linksOf, topicsOf } from '@/live/elsewhere'
import { angle, factsOf } from '@/live/facts'
import { groupsOf } from '@/live/groups'
import { momentOf } from '@/live/history'
import { lookBack } from '@/live/lookBack'
import { blockers } from '@/live/emptiness'
import { placeOf } from '@/live/place'
import { activity, at, NOON } from './world'

const never = new AbortController().signal

describe('the calendar file', () => {
  test('has the times as published and says how they are known', () => {
    const text = calendarOf(activity({ id: 'x', revision: 2 }), 'https://board/activities/x', NOON)

    expect(text?.split('\r\n')).toEqual([
      'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Starboard//Live board//EN', 'BEGIN:VEVENT', 'UID:x@starboard',
      'DTSTAMP:20261121T120000Z', 'SEQUENCE:2', 'DTSTART:20261121T113000Z', 'DTEND:20261121T123000Z',
      'SUMMARY:JWST: M-31 (in progress\\, by plan)',
      'DESCRIPTION:in progress\\, by plan.\\nICRS 10.68 41.27\\nhttps://board/activit', ' ies/x',
      'URL:https://board/activities/x', 'TRANSP:TRANSPARENT', 'END:VEVENT', 'END:VCALENDAR', '',
    ])
  })

  test('has no end nobody published, and is not made without a start', () => {
    expect(calendarOf(activity({ t_max: null }), 'https://board', NOON)).not.toContain('DTEND')
    expect(calendarOf(activity({ t_min: null }), 'https://board', NOON)).toBeNull()
  })

  test('folds long lines between characters, at most 75 octets each', () => {
    const text = calendarOf(activity({ proposal_title: 'Größe der Möndchen '.repeat(12) }), 'https://board', NOON) ?? ''
    const sizes = text.split('\r\n').map((line) => new TextEncoder().encode(line).length)

    expect(Math.max(...sizes)).toBeLessThanOrEqual(75)
    expect(text.replaceAll('\r\n ', '')).toContain('Größe der Möndchen Größe')
  })
})

describe('the record', () => {
  test('tells what is known and counts what is not', () => {
    const { groups, unknown } = factsOf(activity({ proposal_title: 'A tale cut o', truncated: ['proposal_title'], t_exptime: 90 }), [])
    const row = (key: string) => groups.flatMap(({ rows }) => rows).find((fact) => fact.key === key)

    expect(row('proposal_title')).toMatchObject({ value: 'A tale cut o', truncated: true })
    expect(row('t_exptime')?.value).toBe('90 s')
    expect(row('proposal_pi')).toBeUndefined()
    expect(unknown).toBeGreaterThan(5)
  })

  test('angles and wavelengths have the unit that suits them', () => {
    expect([1.5, 0.25, 0.01].map(angle)).toEqual(['1.5°', '15′', '36″'])
    const { groups } = factsOf(activity({ em_min: 6e-7, em_max: 2.8e-6 }), [])
    expect(groups.flatMap(({ rows }) => rows).find(({ key }) => key === 'em')?.value).toBe('0.6 – 2.8 µm')
  })

  test('links lead to web pages only, and name services know what stands still', () => {
    const links = [{ title: 'Page', url: 'https://x' }, { title: 'Trap', url: 'javascript:alert(1)' }]

    expect(linksOf(activity({ links })).map(({ title }) => title)).toEqual(['Page', 'SIMBAD', 'NED', 'SIMBAD, this field'])
    expect(linksOf(activity({ links, tracking_type: 'Solar-system-object-tracking' }))).toHaveLength(1)
  })

  test('one can ask to be told about all that is known of it', () => {
    const topics = topicsOf(activity({ target_name: 'Sgr A*', proposal_id: '4501', proposal_pi: null }))

    expect(topics.map(({ title }) => title)).toEqual(['this target', 'this field', 'this programme', 'this facility'])
    expect(topics[0]?.to).toEqual({ path: '/subscriptions/new', query: { intent: ['science', 'null'], target: 'Sgr A\\*' } })
    expect(topics[2]?.to).toMatchObject({ query: { proposal: 'JWST/4501' } })
  })
})

describe('cards and table', () => {
  test('all that is now is shown, the next few, and the newest of each telescope', () => {
    const rows = [
      ...[1, 2].map((n) => activity({ id: `now${n}` })),
      ...Array.from({ length: 12 }, (_, n) => activity({ id: `next${n}`, status: 'scheduled' })),
      ...['HST', 'HST', 'Swift'].map((facility_name, n) => activity({ id: `last${n}`, status: 'performed', facility_name })),
    ]
    const groups = groupsOf(rows, placeOf, {})

    expect(groups.map(({ place, all, shown }) => [place, all.length, shown.length])).toEqual([['now', 2, 2], ['next', 12, 8], ['last', 3, 2]])
    expect(groupsOf(rows, placeOf, { last: 60 }).at(-1)?.shown).toHaveLength(3)
  })

  test('the table sorts by numbers in names, unknown values last either way', () => {
    const rows = ['M 10', null, 'M 9'].map((target_name, n) => activity({ id: `${n}`, target_name }))
    const names = (descending: boolean) => sorted(rows, { key: 'target', descending }).map(({ target_name }) => target_name)

    expect(names(false)).toEqual(['M 9', 'M 10', null])
    expect(names(true)).toEqual(['M 10', 'M 9', null])
    expect(sorted(rows, null)).toEqual(rows)
  })
})

describe('looking back', () => {
  test('what was known then and what was learned later stay apart', async () => {
    const then = activity({ id: 'then' })
    const parts = {
      fetchPage: async ({ filter }: { filter: Record<string, string[]> }) => ({
        items: filter.at ? [then] : [then, activity({ id: 'learned', status: 'performed', basis: 'archived' })],
        next: null,
        seq: 1,
      }),
    }
    const moment = await lookBack(parts, NOON, { facility: ['JWST'], from: ['now'] }, never)

    expect(moment.then.map(({ id }) => id)).toEqual(['then'])
    expect(moment.learned.map(({ id }) => id)).toEqual(['learned'])
  })

  test('a moment of an address is read, anything else is not', () => {
    expect(momentOf('2026-11-21T12:00Z')).toBe(NOON)
    expect([momentOf(undefined), momentOf('soon'), momentOf(['x'])]).toEqual([null, null, null])
  })
})

describe('when nothing matches', () => {
  test('the condition that keeps away most comes first', async () => {
    const parts = {
      fetchPage: async ({ filter }: { filter: Record<string, string[]> }) => ({
        items: filter.band ? [] : [activity({ t_min: at(0) })],
        next: null,
        seq: 1,
      }),
    }
    const found = await blockers(parts, { facility: ['JWST'], band: ['Radio'], status: ['in_progress'] }, NOON, never)

    expect(found.map(({ key, count }) => [key, count])).toEqual([['band', 1], ['facility', 0], ['status', 0]])
  })
})
