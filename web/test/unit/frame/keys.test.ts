import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, type EffectScope } from 'vue'
import { isUsed, listenToKeys, useKeys, type Key, type KeyHandler } from '@/app/keys'
import { preferences } from '@/ui/preferences'

let stop: () => void
const scopes: EffectScope[] = []

beforeEach(() => {
  stop = listenToKeys()
  preferences.singleKeys = true
})

afterEach(() => {
  stop()
  for (const scope of scopes.splice(0)) scope.stop()
  document.body.replaceChildren()
})

function on(given: Partial<Record<Key, KeyHandler>>): EffectScope {
  const scope = effectScope(true)
  scope.run(() => {
    useKeys(given)
  })
  scopes.push(scope)
  return scope
}

function press(key: string, target: HTMLElement = document.body, more: KeyboardEventInit = {}): boolean {
  return !target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }))
}

function put(html: string): HTMLElement {
  document.body.innerHTML = html
  const target = document.querySelector<HTMLElement>('[data-here]')
  if (!target) throw new Error('nothing is here')
  return target
}

describe('a key', () => {
  it('does what the page said, and nothing else then', () => {
    const next = vi.fn()
    on({ j: next })
    expect(press('j')).toBe(true)
    expect(press('k')).toBe(false)
    expect(next).toHaveBeenCalledOnce()
  })

  it('does nothing once its page is gone', () => {
    const next = vi.fn()
    const scope = on({ j: next })
    expect(isUsed('j')).toBe(true)
    scope.stop()
    expect(isUsed('j')).toBe(false)
    expect(press('j')).toBe(false)
  })

  it('goes to the newest that wants it', () => {
    const [older, newer] = [vi.fn(), vi.fn(() => false)]
    on({ Escape: older })
    on({ Escape: newer })
    press('Escape')
    expect(newer).toHaveBeenCalledOnce()
    expect(older).toHaveBeenCalledOnce()
  })

  it.each(['<input data-here>', '<input type="search" data-here>', '<textarea data-here></textarea>', '<select data-here></select>', '<dialog open><p data-here></p></dialog>'])(
    'is text in %s',
    (html) => {
      const next = vi.fn()
      on({ j: next })
      expect(press('j', put(html))).toBe(false)
      expect(next).not.toHaveBeenCalled()
    },
  )

  it.each(['<input type="checkbox" data-here>', '<button data-here></button>', '<div role="application" data-here></div>'])(
    'is a command on %s',
    (html) => {
      const next = vi.fn()
      on({ j: next })
      expect(press('j', put(html))).toBe(true)
    },
  )

  it('is left to the browser together with Control, Alt or the command key', () => {
    const pause = vi.fn()
    on({ p: pause })
    for (const held of [{ ctrlKey: true }, { altKey: true }, { metaKey: true }]) expect(press('p', document.body, held)).toBe(false)
    expect(pause).not.toHaveBeenCalled()
  })

  it('Enter presses the link or button that has the focus', () => {
    const open = vi.fn()
    on({ Enter: open })
    expect(press('Enter', put('<a href="/" data-here></a>'))).toBe(false)
    expect(press('Enter', put('<li tabindex="0" data-here></li>'))).toBe(true)
    expect(open).toHaveBeenCalledOnce()
  })

  it('Escape closes first what stands open over the page', () => {
    const close = vi.fn()
    on({ Escape: close })
    expect(press('Escape', put('<input role="combobox" aria-expanded="true" data-here>'))).toBe(false)
    expect(press('Escape', put('<input role="combobox" aria-expanded="false" data-here>'))).toBe(true)
  })

  it('of one letter is plain when that is wished, Escape and Enter are not', () => {
    preferences.singleKeys = false
    const [next, close] = [vi.fn(), vi.fn()]
    on({ j: next, Escape: close })
    expect(press('j')).toBe(false)
    expect(press('Escape')).toBe(true)
  })

  it('that somebody has dealt with is dealt with', () => {
    const next = vi.fn()
    on({ j: next })
    const map = put('<div data-here></div>')
    map.addEventListener('keydown', (event) => {
      event.preventDefault()
    })
    press('j', map)
    expect(next).not.toHaveBeenCalled()
  })
})
