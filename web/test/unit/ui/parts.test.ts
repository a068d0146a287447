import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { h, nextTick } from 'vue'
import { ApiProblem } from '@/api/errors'
import { now } from '@/time/clock'
import BasisBadge from '@/ui/BasisBadge.vue'
import CoordText from '@/ui/CoordText.vue'
import CopyButton from '@/ui/CopyButton.vue'
import FieldRow from '@/ui/FieldRow.vue'
import { markOf } from '@/ui/mark'
import ModalDialog from '@/ui/ModalDialog.vue'
import { preferences } from '@/ui/preferences'
import ProblemNote from '@/ui/ProblemNote.vue'
import Sparkline from '@/ui/Sparkline.vue'
import TimeText from '@/ui/TimeText.vue'
import { dismiss, toast, toasts } from '@/ui/toast'

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-21T03:20:00Z') })
  now.value = Date.now()
  preferences.coordinates = 'sexagesimal'
})

afterEach(() => {
  vi.useRealTimers()
})

describe('TimeText', () => {
  it('says UTC first and keeps the timestamp for machines', () => {
    const time = mount(TimeText, { props: { at: '2026-11-21T03:14:05Z' } })
    expect(time.text()).toBe('2026-11-21 03:14 UTC')
    expect(time.attributes('datetime')).toBe('2026-11-21T03:14:05Z')
  })

  it('follows the server’s clock when relative', async () => {
    const time = mount(TimeText, { props: { at: '2026-11-21T03:14:00Z', relative: true, uncertain: true } })
    expect(time.text()).toBe('~6 min ago')
    now.value += 60_000
    await nextTick()
    expect(time.text()).toBe('~7 min ago')
    expect(time.attributes('title')).toContain('2026-11-21 03:14 UTC')
  })

  it('says that a time is unknown and marks it as no time', () => {
    for (const at of [null, 'soon']) {
      const time = mount(TimeText, { props: { at } })
      expect(time.text()).toBe('time unknown')
      expect(time.element.tagName).toBe('SPAN')
    }
  })
})

describe('CoordText', () => {
  it('is written as preferred', async () => {
    const coord = mount(CoordText, { props: { ra: 83.63321, dec: 22.01446 } })
    expect(coord.text()).toBe('05h 34m 31.97s +22° 00′ 52.1″')
    preferences.coordinates = 'decimal'
    await nextTick()
    expect(coord.text()).toBe('83.6332° +22.0145°')
    preferences.coordinates = 'galactic'
    await nextTick()
    expect(coord.text()).toBe('l 184.5575° b −5.7843°')
  })

  it('knows the difference between zero and nothing', () => {
    expect(mount(CoordText, { props: { ra: 0, dec: 0 } }).text()).toBe('00h 00m 00.00s +00° 00′ 00.0″')
    expect(mount(CoordText, { props: { ra: 10, dec: null } }).text()).toBe('position unknown')
  })
})

describe('BasisBadge', () => {
  it.each([
    ['reported', 'in_progress', 'reported', 'filled'],
    ['scheduled', 'in_progress', 'by plan', 'half'],
    ['scheduled', 'scheduled', 'by plan', 'ring'],
    ['scheduled', 'elapsed', 'by plan', 'dot'],
    ['archived', 'performed', 'archived', 'dot'],
    ['reported', 'aborted', 'reported', 'dot'],
  ])('%s and %s read “%s” and are a %s', (basis, status, words, mark) => {
    expect(mount(BasisBadge, { props: { basis, status } }).text()).toBe(words)
    expect(markOf(basis, status)).toBe(mark)
  })

  it('says when the source is late', () => {
    const badge = mount(BasisBadge, { props: { basis: 'archived', status: 'performed', late: true } })
    expect(badge.text()).toBe('archived · source is late')
    expect(badge.classes()).toContain('late')
  })
})

describe('FieldRow', () => {
  it('ties hint and error to the control', () => {
    const row = mount(FieldRow, {
      props: { label: 'Name', for: 'name', hint: 'As on the door', error: 'Too long' },
      slots: { default: ({ describedby, invalid }) => h('input', { id: 'name', 'aria-describedby': describedby, 'aria-invalid': invalid }) },
    })
    const ids = row.get('input').attributes('aria-describedby')?.split(' ') ?? []
    expect(ids.map((id) => row.get(`#${id}`).text())).toEqual(['As on the door', 'Too long'])
    expect(row.get('input').attributes('aria-invalid')).toBe('true')
    expect(row.get('label').attributes('for')).toBe('name')
  })
})

describe('ProblemNote', () => {
  it('says what can be done and offers to try again', async () => {
    const retry = vi.fn()
    const note = mount(ProblemNote, { props: { error: new ApiProblem(503, null), retry } })
    expect(note.text()).toContain('The server failed (503)')
    await note.get('button').trigger('click')
    expect(retry).toHaveBeenCalledOnce()
  })
})

describe('Sparkline', () => {
  it('says in words what it shows, and draws no bar for nothing', () => {
    const line = mount(Sparkline, { props: { values: [0, 2, 4], label: '6 in 3 days' } })
    expect(line.attributes('aria-label')).toBe('6 in 3 days')
    expect(line.findAll('rect').map((bar) => Number(bar.attributes('height')))).toEqual([0, 11, 22])
  })
})

describe('ModalDialog', () => {
  it('opens over the page, and closes when its owner says so', async () => {
    const showModal = vi.fn(function (this: HTMLDialogElement) {
      this.open = true
    })
    const close = vi.fn(function (this: HTMLDialogElement) {
      this.open = false
    })
    Object.assign(HTMLDialogElement.prototype, { showModal, close })
    const dialog = mount(ModalDialog, { props: { open: true, title: 'Sure?' } })
    await nextTick()
    await nextTick()
    expect(showModal).toHaveBeenCalledOnce()
    expect(dialog.get('h2').text()).toBe('Sure?')
    await dialog.get('dialog').trigger('cancel')
    expect(dialog.emitted('close')).toHaveLength(1)
    await dialog.setProps({ open: false })
    await nextTick()
    expect(close).toHaveBeenCalledOnce()
  })
})

describe('CopyButton', () => {
  it('says that it has copied, and shows the text where it may not', async () => {
    const writeText = vi.fn().mockResolvedValueOnce(undefined).mockRejectedValueOnce(new Error('no'))
    vi.stubGlobal('navigator', { clipboard: { writeText } })
    const button = mount(CopyButton, { props: { text: '1 2', label: 'Copy' } })
    await button.trigger('click')
    await button.trigger('click')
    await Promise.resolve()
    vi.unstubAllGlobals()
    expect(toasts.value.map((one) => one.message)).toEqual(['Copied.', expect.stringContaining('1 2')])
    for (const one of toasts.value) dismiss(one.id)
  })
})

describe('toasts', () => {
  it('go by themselves, errors later', () => {
    toast('Saved.')
    toast('Not saved.', 'error')
    vi.advanceTimersByTime(6000)
    expect(toasts.value.map((one) => one.message)).toEqual(['Not saved.'])
    vi.advanceTimersByTime(6000)
    expect(toasts.value).toEqual([])
  })

  it('are few, and none stands twice', () => {
    for (const message of ['a', 'b', 'b', 'c', 'd']) toast(message)
    expect(toasts.value.map((one) => one.message)).toEqual(['b', 'c', 'd'])
  })
})
