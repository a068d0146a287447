import { reactive, watch } from 'vue'

/** What a visitor has chosen about how the app looks and behaves; kept on the device and nowhere else. */
export interface Preferences {
  /** `system` follows the device: night where it is dark, day where it is light. */
  theme: 'night' | 'day' | 'red' | 'system'
  /** Percent of full brightness, 30 to 100. */
  brightness: number
  density: 'comfortable' | 'compact'
  coordinates: 'sexagesimal' | 'decimal' | 'galactic'
  view: 'cards' | 'table'
  /** What the clock in the header shows; times in pages are UTC first in any case. */
  clock: 'utc' | 'local' | 'sidereal'
  /** Key of the site, in our catalogue or of the account, whose sidereal time the clock shows. */
  clockSite: string | null
  /** Whether single letters are commands. */
  singleKeys: boolean
}

/** Where they are kept; `theme.js`, which runs before the app, reads the same place. */
export const PREFERENCES_KEY = 'starboard.preferences'

const DEFAULTS: Readonly<Preferences> = {
  theme: 'system',
  brightness: 100,
  density: 'comfortable',
  coordinates: 'sexagesimal',
  view: 'cards',
  clock: 'utc',
  clockSite: null,
  singleKeys: true,
}

const CHOICES: { [K in keyof Preferences]?: readonly Preferences[K][] } = {
  theme: ['night', 'day', 'red', 'system'],
  density: ['comfortable', 'compact'],
  coordinates: ['sexagesimal', 'decimal', 'galactic'],
  view: ['cards', 'table'],
  clock: ['utc', 'local', 'sidereal'],
}

/** Reads kept preferences; whatever is missing or makes no sense is as by default. */
export function readPreferences(kept: string | null): Preferences {
  const read: Preferences = { ...DEFAULTS }
  let said: unknown
  try {
    said = JSON.parse(kept ?? 'null')
  } catch {
    return read
  }
  if (typeof said !== 'object' || said === null) return read
  const given = said as Partial<Record<keyof Preferences, unknown>>
  for (const key of Object.keys(CHOICES) as (keyof Preferences)[]) {
    const choices = CHOICES[key] as readonly unknown[]
    if (choices.includes(given[key])) Object.assign(read, { [key]: given[key] })
  }
  if (typeof given.brightness === 'number') read.brightness = Math.min(100, Math.max(30, given.brightness))
  if (typeof given.clockSite === 'string') read.clockSite = given.clockSite
  if (typeof given.singleKeys === 'boolean') read.singleKeys = given.singleKeys
  return read
}

/** The device's store, or null where the browser keeps nothing. */
function store(): Storage | null {
  try {
    return globalThis.localStorage
  } catch {
    return null
  }
}

/** The preferences in force; a change is kept at once, and taken over by other open pages. */
export const preferences: Preferences = reactive(readPreferences(store()?.getItem(PREFERENCES_KEY) ?? null))

watch(
  () => JSON.stringify(preferences),
  (text) => {
    try {
      store()?.setItem(PREFERENCES_KEY, text)
    } catch {
      // A full or closed store: the choice holds for this visit.
    }
  },
  { flush: 'sync' },
)

globalThis.addEventListener('storage', (event) => {
  if (event.key === PREFERENCES_KEY && event.newValue !== null) {
    Object.assign(preferences, readPreferences(event.newValue))
  }
})
