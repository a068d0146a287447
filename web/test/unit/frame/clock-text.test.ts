import { describe, expect, it } from 'vitest'
import { clockText, nextClock } from '@/app/clockText'

const AT = Date.parse('2026-11-21T03:04:05.900Z')

describe('the clock of the header', () => {
  it('shows universal time to the second', () => {
    expect(clockText('utc', AT, 0)).toBe('03:04:05')
  })

  it('shows the visitor’s time', () => {
    const date = new Date(AT)
    expect(clockText('local', AT, 0)).toBe(`${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}:05`)
  })

  it('shows sidereal hours, also beyond a day or before one', () => {
    expect(clockText('sidereal', AT, 3.2126)).toBe('03:12:45')
    expect(clockText('sidereal', AT, 27.2126)).toBe('03:12:45')
    expect(clockText('sidereal', AT, -1)).toBe('23:00:00')
  })

  it('goes round', () => {
    expect([nextClock('utc'), nextClock('local'), nextClock('sidereal')]).toEqual(['local', 'sidereal', 'utc'])
  })
})
