import { afterEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import { useMedia } from '@/ui/media'

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('a media query', () => {
  it('is followed until its component goes', () => {
    const list = Object.assign(new EventTarget(), { matches: true })
    vi.stubGlobal('matchMedia', () => list)
    const scope = effectScope(true)
    const narrow = scope.run(() => useMedia('(max-width: 860px)'))
    expect(narrow?.value).toBe(true)
    list.matches = false
    list.dispatchEvent(new Event('change'))
    expect(narrow?.value).toBe(false)
    scope.stop()
    list.matches = true
    list.dispatchEvent(new Event('change'))
    expect(narrow?.value).toBe(false)
  })

  it('does not hold where nothing can tell', () => {
    vi.stubGlobal('matchMedia', undefined)
    expect(useMedia('(max-width: 860px)').value).toBe(false)
  })
})
