import { beforeEach, describe, expect, it, vi } from 'vitest'
import { preferences, PREFERENCES_KEY, readPreferences } from '@/ui/preferences'

beforeEach(() => {
  Object.assign(preferences, readPreferences(null))
})

describe('preferences', () => {
  it('are as by default when nothing is kept, or nothing that can be read', () => {
    for (const kept of [null, '', 'null', '[]', '{', '42']) expect(readPreferences(kept).theme).toBe('system')
  })

  it('keep what makes sense and drop the rest', () => {
    const read = readPreferences('{"theme":"red","density":"huge","brightness":5,"singleKeys":false,"clockSite":"paranal","more":1}')
    expect(read).toMatchObject({ theme: 'red', density: 'comfortable', brightness: 30, singleKeys: false, clockSite: 'paranal' })
    expect(read).not.toHaveProperty('more')
  })

  it('are kept on the device as soon as they change', () => {
    preferences.theme = 'day'
    expect(JSON.parse(localStorage.getItem(PREFERENCES_KEY) ?? '')).toMatchObject({ theme: 'day' })
  })

  it('follow another open page', () => {
    window.dispatchEvent(new StorageEvent('storage', { key: PREFERENCES_KEY, newValue: '{"view":"table"}' }))
    expect(preferences.view).toBe('table')
  })

  it('hold for the visit when the device keeps nothing', () => {
    vi.spyOn(Storage.prototype, 'setItem').mockImplementationOnce(() => {
      throw new DOMException('full', 'QuotaExceededError')
    })
    preferences.coordinates = 'galactic'
    expect(preferences.coordinates).toBe('galactic')
  })
})
