import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { preferences, PREFERENCES_KEY, readPreferences } from '@/ui/preferences'
import { nextTheme, theme, wearTheme } from '@/ui/theme'

const root = document.documentElement
const early = readFileSync('public/theme.js', 'utf8')

/** Runs the script that stands in the head of the page. */
function paintFirst(kept: unknown, light: boolean) {
  if (kept === null) localStorage.removeItem(PREFERENCES_KEY)
  else localStorage.setItem(PREFERENCES_KEY, typeof kept === 'string' ? kept : JSON.stringify(kept))
  const matchMedia = () => ({ matches: light })
  new Function('matchMedia', early)(matchMedia)
}

beforeEach(() => {
  Object.assign(preferences, readPreferences(null))
  for (const name of ['data-theme', 'data-density', 'data-dimmed', 'style']) root.removeAttribute(name)
})

describe('the theme', () => {
  it('is on the page before the app is', () => {
    paintFirst({ theme: 'red', brightness: 60, density: 'compact' }, true)
    expect(root.dataset).toMatchObject({ theme: 'red', density: 'compact', dimmed: '' })
    expect(root.style.getPropertyValue('--brightness')).toBe('0.6')
  })

  it('follows the device until one is chosen, also where what is kept cannot be read', () => {
    paintFirst(null, true)
    expect(root.dataset.theme).toBe('day')
    paintFirst('{broken', false)
    expect(root.dataset.theme).toBe('night')
    paintFirst({ theme: 'system' }, true)
    expect(root.dataset.theme).toBe('day')
  })

  it('is the same before and after the app takes over', () => {
    const kept = { theme: 'day', brightness: 45, density: 'compact' }
    paintFirst(kept, false)
    const before = root.cloneNode() as HTMLElement
    Object.assign(preferences, readPreferences(JSON.stringify(kept)))
    const stop = wearTheme(root)
    expect(root.cloneNode().isEqualNode(before)).toBe(true)
    stop()
  })

  it('changes at once when another is chosen', async () => {
    const stop = wearTheme(root)
    preferences.theme = 'red'
    await nextTick()
    expect(root.dataset.theme).toBe('red')
    expect(theme.value).toBe('red')
    expect(root.hasAttribute('data-dimmed')).toBe(false)
    stop()
  })

  it('goes round', () => {
    expect([nextTheme('night'), nextTheme('day'), nextTheme('red')]).toEqual(['day', 'red', 'night'])
  })

  it('survives a browser that keeps nothing', () => {
    const spy = vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
      throw new DOMException('no', 'SecurityError')
    })
    paintFirst(null, false)
    spy.mockRestore()
    expect(root.dataset.theme).toBe('night')
  })
})
