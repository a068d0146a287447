import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import HowPart from '@/subscriptions/HowPart.vue'
import NamesField from '@/subscriptions/NamesField.vue'
import { type Draft, newDraft } from '@/subscriptions/draft'

/** A part of the form around a draft, as the editor holds it. */
function form(draft: Draft, faults: Record<string, string> = {}) {
  const held = { value: draft }
  const page = mount(HowPart, {
    props: {
      modelValue: draft,
      'onUpdate:modelValue': (next: Draft) => {
        held.value = next
        void page.setProps({ modelValue: next })
      },
      fault: (field: string) => faults[field] ?? null,
    },
  })
  return { page, held }
}

describe('a field of names', () => {
  function field(names: string[]) {
    const held = { value: names }
    const page = mount(NamesField, {
      props: {
        id: 'names',
        label: 'Facilities',
        known: [{ value: 'HST', label: 'Hubble' }],
        modelValue: names,
        'onUpdate:modelValue': (next: string[]) => {
          held.value = next
          void page.setProps({ modelValue: next })
        },
      },
    })
    return { page, held }
  }

  it('takes what is typed by Enter, by its button and by going on, each name once', async () => {
    const { page, held } = field([])
    const input = page.get('input')
    await input.setValue(' JWST ')
    await input.trigger('keydown', { key: 'Enter' })
    await input.setValue('VISTA')
    await page.get('button[aria-label="Add: Facilities"]').trigger('click')
    await input.setValue('JWST')
    await input.trigger('change')
    expect(held.value).toEqual(['JWST', 'VISTA'])
  })

  it('takes a proposal at once, but not a name that is still being typed', async () => {
    const { page, held } = field([])
    const input = page.get('input')
    input.element.value = 'HST'
    input.element.dispatchEvent(new InputEvent('input', { inputType: 'insertText' }))
    expect(held.value).toEqual([])
    input.element.dispatchEvent(new InputEvent('input', { inputType: 'insertReplacementText' }))
    expect(held.value).toEqual(['HST'])
  })

  it('gives names back one by one', async () => {
    const { page, held } = field(['JWST', 'HST'])
    await page.get('button[aria-label="Remove JWST"]').trigger('click')
    expect(held.value).toEqual(['HST'])
  })
})

describe('how somebody is told', () => {
  it('asks for the hour of a daily digest only', async () => {
    const { page, held } = form(newDraft())
    expect(page.find('#mail-hour').exists()).toBe(false)
    await page.get('#mail-when').setValue('nightly')
    await page.get('#mail-hour').setValue('21')
    expect(held.value.mail).toEqual({ when: 'nightly', hour: 21 })
  })

  it('writes times of the day in full, and leaves what is none to be mended', async () => {
    const { page, held } = form({ ...newDraft(), quiet: { from: '22:00', to: '07:00' } }, { quiet: 'Two different times' })
    await page.get('#quiet-to').setValue('6:30')
    expect(held.value.quiet).toEqual({ from: '22:00', to: '06:30' })
    await page.get('#quiet-to').setValue('soon')
    expect([held.value.quiet?.to, page.get('.field-error').text()]).toEqual(['soon', 'Two different times'])
  })

  it('takes an empty limit for none', async () => {
    const { page, held } = form({ ...newDraft(), maxPerHour: 5 })
    await page.get('#most').setValue('')
    expect(held.value.maxPerHour).toBeNull()
  })

  it('opens the rarer fields where one of them is set or at fault', () => {
    const isOpen = (draft: Draft, faults = {}) => form(draft, faults).page.get('details').attributes('open') !== undefined
    expect([isOpen(newDraft()), isOpen({ ...newDraft(), maxPerHour: 5 }), isOpen(newDraft(), { max_per_hour: 'Too many' })]).toEqual([false, true, true])
  })
})
