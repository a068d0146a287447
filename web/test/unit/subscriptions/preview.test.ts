import { describe, expect, it, vi } from 'vitest'
import { ApiProblem } from '@/api/errors'
import type { Preview } from '@/api/types'
import { newDraft } from '@/subscriptions/draft'
import { type PreviewWorld, createPreviewer } from '@/subscriptions/preview'
import { previewInWords, rateInWords } from '@/subscriptions/previewWords'
import { proposalOf } from '@/subscriptions/hints'

const now = Date.parse('2026-11-21T12:00:00Z')
const day = 24 * 3600_000

function found(change: Partial<Preview> = {}): Preview {
  const since = new Date(now - 30 * day).toISOString()
  return { count: 0, per_day: [], items: [], mails_per_day: 0, hint: null, partial: false, since, ...change }
}

const days = (...counts: number[]) => counts.map((count, at) => ({ date: `2026-11-${String(at + 1).padStart(2, '0')}`, count }))

describe('a preview in words', () => {
  it('says how many, how often and when most', () => {
    const text = previewInWords(found({ count: 14, mails_per_day: 0.47, per_day: days(4, 0, 3, 2, 1, 4) }), now)
    expect(text).toEqual({ count: 'Would have matched 14 activities in the last 30 days, about 3 a week; busiest day 4.', caveat: null })
  })

  it('says that nothing matched, and no rate of it', () => {
    expect(previewInWords(found({ per_day: days(0, 0) }), now).count).toBe('Would have matched nothing in the last 30 days.')
  })

  it('claims no more than was counted when there was no time for all', () => {
    const since = new Date(now - 3 * day).toISOString()
    const text = previewInWords(found({ count: 900, mails_per_day: 300, per_day: days(310, 290, 300), partial: true, since }), now)
    expect(text).toEqual({
      count: 'Would have matched at least 900 activities in the last 3 days, about 300 a day; busiest day 310.',
      caveat: 'There was no time to look further back than 2026-11-18 12:00 UTC: this is not all of it.',
    })
  })

  it('says no rate when the hub has looked for less than a day', () => {
    const since = new Date(now - 29 * 60_000).toISOString()
    const text = previewInWords(found({ count: 1, mails_per_day: 1, per_day: days(1), since }), now)
    expect(text).toEqual({
      count: 'Would have matched 1 activity in the last 29 minutes.',
      caveat: 'This hub keeps events since 2026-11-21 11:31 UTC only: too short to say how often it will be.',
    })
  })

  it.each([
    [40, 'about 40 a day'],
    [1.2, 'about 8 a week'],
    [0.15, 'about 1 a week'],
    [0.07, 'about 2 a month'],
    [0.01, 'about 1 a month'],
  ])('calls %d a day “%s”', (rate, words) => {
    expect(rateInWords(rate)).toBe(words)
  })
})

/** A proposal that has to be there. */
function proposal(...given: Parameters<typeof proposalOf>) {
  const proposed = proposalOf(...given)
  if (!proposed) throw new Error('nothing is proposed')
  return proposed
}

describe('a hint', () => {
  it('widens a circle with one click', () => {
    const draft = { ...newDraft(), filter: { pos: ['CIRCLE 10 41 1'], intent: ['science'] } }
    const filter = { pos: ['CIRCLE 10 41 5'], intent: ['science'] }
    const { text, changes } = proposal({ kind: 'wider', text: '', key: 'pos', filter, count: 3 }, draft, 0)
    expect([text, changes[0]?.label, changes[0]?.draft.filter]).toEqual(['A radius of 5° would have matched 3 times.', 'Use 5°', filter])
  })

  it('adds an event with one click', () => {
    const { text, changes } = proposal({ kind: 'wider', text: '', key: 'events', events: ['started', 'observed', 'ended'], count: 1 }, newDraft(), 0)
    expect([text, changes[0]?.draft.events]).toEqual(['Told of “Ended” as well, it would have matched once.', ['started', 'observed', 'ended']])
  })

  it('takes a condition out with one click', () => {
    const draft = { ...newDraft(), filter: { facility: ['HST'], band: ['Radio'] } }
    const { changes } = proposal({ kind: 'wider', text: '', key: 'band', filter: { facility: ['HST'] }, count: 7 }, draft, 0)
    expect([changes[0]?.label, changes[0]?.draft.filter]).toEqual(['Remove “Band”', { facility: ['HST'] }])
  })

  it('offers digests for too many mails, but not to who has one', () => {
    const hint = { kind: 'narrower', text: '' }
    const offered = proposal(hint, newDraft(), 41.3)
    expect(offered.text).toContain('about 41 mails a day')
    expect(offered.changes.map(({ draft }) => draft.mail?.when)).toEqual(['hourly', 'nightly'])
    expect(proposalOf(hint, { ...newDraft(), mail: { when: 'hourly', hour: 7 } }, 41.3)).toBeNull()
    expect(proposalOf(hint, { ...newDraft(), mail: null, webhook: 'https://hooks.example.org' }, 41.3)).toBeNull()
  })
})

/** A world whose time passes when the test says so. */
function slowWorld(look: PreviewWorld['look']) {
  let waiting: { wait: number; call: () => void } | null = null
  const world: PreviewWorld = {
    look,
    later(wait, call) {
      waiting = { wait, call }
      return () => {
        waiting = null
      }
    },
  }
  const pass = async () => {
    const due = waiting
    waiting = null
    due?.call()
    for (let turn = 0; turn < 5; turn++) await Promise.resolve()
    return due?.wait
  }
  return { world, pass, isWaiting: () => waiting !== null }
}

describe('asking for previews', () => {
  it('waits until the draft has stayed as it is, then asks once', async () => {
    const look = vi.fn(() => Promise.resolve(found({ count: 2 })))
    const { world, pass } = slowWorld(look)
    const previewer = createPreviewer(world)
    previewer.follow(newDraft())
    previewer.follow({ ...newDraft(), filter: { facility: ['HST'] } })
    expect(previewer.state.value).toBe('looking')
    await pass()
    expect(look).toHaveBeenCalledTimes(1)
    expect([previewer.preview.value?.count, previewer.asked.value?.filter, previewer.state.value]).toEqual([2, { facility: ['HST'] }, 'idle'])
  })

  it('calls the older question off, and never shows its answer', async () => {
    const answers: ((preview: Preview) => void)[] = []
    const signals: AbortSignal[] = []
    const { world, pass } = slowWorld((_, signal) => {
      signals.push(signal)
      return new Promise((resolve) => answers.push(resolve))
    })
    const previewer = createPreviewer(world)
    previewer.follow(newDraft())
    await pass()
    previewer.follow({ ...newDraft(), events: ['ended'] })
    expect(signals[0]?.aborted).toBe(true)
    await pass()
    answers[1]?.(found({ count: 2 }))
    answers[0]?.(found({ count: 1 }))
    await pass()
    expect(previewer.preview.value?.count).toBe(2)
  })

  it('waits as long as a full server says, and asks again', async () => {
    const look = vi
      .fn<PreviewWorld['look']>()
      .mockRejectedValueOnce(new ApiProblem(429, null, 3))
      .mockResolvedValue(found({ count: 5 }))
    const { world, pass } = slowWorld(look)
    const previewer = createPreviewer(world)
    previewer.follow(newDraft())
    await pass()
    expect(previewer.state.value).toBe('waiting')
    expect(await pass()).toBe(3000)
    expect([previewer.preview.value?.count, previewer.error.value]).toEqual([5, null])
  })

  it('gives up on a server that is full for long', async () => {
    const { world, pass, isWaiting } = slowWorld(() => Promise.reject(new ApiProblem(429, null)))
    const previewer = createPreviewer(world)
    previewer.follow(newDraft())
    for (let turn = 0; turn < 20 && isWaiting(); turn++) await pass()
    expect([previewer.error.value instanceof ApiProblem, previewer.state.value]).toEqual([true, 'idle'])
  })

  it('keeps the last answer beside what is wrong with the new question', async () => {
    const look = vi.fn<PreviewWorld['look']>().mockResolvedValueOnce(found({ count: 5 })).mockRejectedValueOnce(new ApiProblem(400, null))
    const { world, pass } = slowWorld(look)
    const previewer = createPreviewer(world)
    previewer.follow(newDraft())
    await pass()
    previewer.follow(newDraft())
    await pass()
    expect([previewer.preview.value?.count, (previewer.error.value as ApiProblem).status]).toEqual([5, 400])
  })
})
