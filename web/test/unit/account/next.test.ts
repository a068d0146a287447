import { describe, expect, it } from 'vitest'
import { safeNext, withNext } from '@/account/next'

const origin = 'https://starboard.example.org'

describe('where signing in leads back to', () => {
  it('is a path of ours with its query and fragment', () => {
    expect(safeNext('/subscriptions/new?pos=CIRCLE+1+2+3#x', origin)).toBe('/subscriptions/new?pos=CIRCLE+1+2+3#x')
  })

  it.each([
    ['another host', 'https://evil.example.com/'],
    ['another host without a scheme', '//evil.example.com/'],
    ['a backslash that browsers read as a slash', '/\\evil.example.com'],
    ['a tab that browsers drop', '/\t/evil.example.com'],
    ['a script', 'javascript:alert(1)'],
    ['a path from here', 'settings'],
    ['nothing', undefined],
    ['no text', 5],
  ])('is never %s', (_, given) => {
    expect(safeNext(given, origin)).toBeNull()
  })

  it.each(['/login?next=/', '/register', '/forgot'])('is no page of signing in: %s', (given) => {
    expect(safeNext(given, origin)).toBeNull()
  })

  it('is the first when there are several', () => {
    expect(safeNext(['/settings', '/sources'], origin)).toBe('/settings')
  })

  it('goes along between the pages of signing in', () => {
    expect([withNext('/settings'), withNext(null)]).toEqual([{ next: '/settings' }, {}])
  })
})
