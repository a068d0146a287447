import { describe, expect, it } from 'vitest'
import { pathOf, readPosition } from '@/app/search/position'
import { asPrefixes, atOnce, folded, suggest, type SearchServer } from '@/app/search/suggest'
import type { Activity, Facility } from '@/api/types'

const facility = (name: string, title: string, aliases: string[] = [], groups: string[] = []) =>
  ({ name, title, aliases, groups }) as unknown as Facility
const activity = (given: Partial<Activity>) => given as Activity
const server = (given: Partial<SearchServer> = {}): SearchServer => ({
  facilities: () => Promise.resolve([]),
  activities: () => Promise.resolve([]),
  targets: () => Promise.resolve([]),
  ...given,
})
const find = async (text: string, given: Partial<SearchServer>) =>
  (await suggest(text, server(given), new AbortController().signal)).map(({ group, text: words }) => `${group}: ${words}`)

describe('a position', () => {
  it.each([
    '10.6847 41.2688',
    '10.6847,41.2688',
    '10.6847 +41.2688',
    '10.6847+41.2688',
    ' 10.6847 ,  +41.2688 ',
    '00:42:44.328 +41:16:07.68',
    '00 42 44.328 41 16 07.68',
    '0h42m44.328s +41d16m07.68s',
    '00h 42m 44.328s +41° 16′ 07.68″',
  ])('is read from “%s”', (text) => {
    const position = readPosition(text)
    expect(position?.ra).toBeCloseTo(10.6847, 5)
    expect(position?.dec).toBeCloseTo(41.2688, 5)
  })

  it('is read south of the equator, with either minus', () => {
    expect(readPosition('255.7 -48.79')).toEqual({ ra: 255.7, dec: -48.79 })
    expect(readPosition('255.7 −48.79')).toEqual({ ra: 255.7, dec: -48.79 })
  })

  it.each(['', 'M31', 'M 31', '31', '10 95', '361 0', 'GX 339-4', 'NGC 1300', '1 2 3', '10,20,30', 'C/2024 E1', '4501:13:1'])(
    'is not read from “%s”',
    (text) => {
      expect(readPosition(text)).toBeNull()
    },
  )

  it('has a page of its own', () => {
    expect(pathOf({ ra: 10.6847000001, dec: -0.5 })).toBe('/sky/10.6847,-0.5')
  })
})

describe('suggestions', () => {
  it('need nobody for a position and for what the board holds', () => {
    expect(atOnce('10.5 41').map((one) => one.group)).toEqual(['position', 'board'])
    expect(atOnce('m31')).toEqual([expect.objectContaining({ group: 'board', to: { path: '/', query: { text: 'm31' } } })])
  })

  it('ask for words that may go on, and take a star as a star', () => {
    expect(asPrefixes('sgr  A*')).toBe('sgr* A\\**')
    expect(folded('Sgr A* (É)')).toBe('sgrae')
  })

  it('name facilities by any of their names, the exact one first', async () => {
    const all = [
      facility('ESO-VLT-U1', 'VLT Unit Telescope 1 (Antu)', ['UT1'], ['VLT']),
      facility('HST', 'Hubble Space Telescope', ['Hubble']),
      facility('ESO-VLTI-U1234', 'VLT Interferometer', [], ['VLTI']),
    ]
    const facilities = () => Promise.resolve(all)
    expect(await find('hubble', { facilities })).toEqual(['facility: Hubble Space Telescope', 'board: Activities with “hubble”'])
    expect(await find('vlti', { facilities })).toEqual(['facility: VLT Interferometer', 'board: Activities with “vlti”'])
    expect(await find('antu', { facilities })).toEqual(['facility: VLT Unit Telescope 1 (Antu)', 'board: Activities with “antu”'])
    expect(await find('xy', { facilities })).toEqual(['board: Activities with “xy”'])
  })

  it('name each target once, the shortest that begins so first, and by designation as well', async () => {
    const named = (...names: (string | null)[]) => () => Promise.resolve(names.map((target_name) => activity({ target_name })))
    const found = await find('m3', { targets: named('M-31', 'M31-B01'), activities: named('M 31', 'NGC-M3', null, 'Vega') })
    expect(found).toEqual(['target: M 31', 'target: M31-B01', 'target: NGC-M3', 'board: Activities with “m3”'])
    expect(await find('3I', { targets: named('ATLAS') })).toEqual(['target: ATLAS', 'board: Activities with “3I”'])
  })

  it('name programmes by number, title or PI, and lead to their page', async () => {
    const held = [
      activity({ obs_collection: 'ESO', proposal_id: '095.F-9802(A)', proposal_title: 'The Brick', proposal_pi: 'Ginsburg, A' }),
      activity({ obs_collection: 'JWST', proposal_id: '2609', proposal_title: null, proposal_pi: null }),
      activity({ obs_collection: 'JWST', proposal_id: null }),
    ]
    const activities = () => Promise.resolve(held)
    expect(await find('eso', { activities })).toEqual(['board: Activities with “eso”'])
    for (const text of ['095.F', 'brick', 'ginsburg', 'the brick', 'eso 095']) {
      const found = await suggest(text, server({ activities }), new AbortController().signal)
      expect(found[0], text).toMatchObject({ group: 'programme', text: 'ESO 095.F-9802(A)', detail: 'The Brick', to: '/programmes/ESO/095.F-9802(A)' })
    }
  })

  it('show what came when another answer failed, and fail when none came', async () => {
    const fails = () => Promise.reject(new TypeError('Failed to fetch'))
    const targets = () => Promise.resolve([activity({ target_name: 'Vega' })])
    expect(await find('vega', { facilities: fails, activities: fails, targets })).toContain('target: Vega')
    await expect(find('vega', { facilities: fails, activities: fails, targets: fails })).rejects.toThrow('Failed to fetch')
  })

  it('are of no use once the text is another', async () => {
    const asking = new AbortController()
    const asked = suggest('vega', server(), asking.signal)
    asking.abort()
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
  })
})
