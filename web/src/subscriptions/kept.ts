/** The draft that this browser keeps, so that signing up on the way loses nothing. */
import type { Draft } from './draft'

const place = 'starboard.draft'
/** Older drafts are forgotten, milliseconds. */
const lasts = 7 * 24 * 3600_000

/** A kept draft. */
export interface KeptDraft {
  draft: Draft
  /** Whether its maker went to sign in in order to save it. */
  saving: boolean
  /** When it was kept, milliseconds of the device's clock. */
  at: number
}

/** Keeps a draft on this device. */
export function keep(draft: Draft, saving: boolean, at: number = Date.now()): void {
  try {
    localStorage.setItem(place, JSON.stringify({ draft, saving, at } satisfies KeptDraft))
  } catch {
    // A browser that keeps nothing still has the draft in the address.
  }
}

/** The draft that was kept, unless it is too old or cannot be read. */
export function kept(now: number = Date.now()): KeptDraft | null {
  try {
    const read = JSON.parse(localStorage.getItem(place) ?? 'null') as Partial<KeptDraft> | null
    if (!read || typeof read.at !== 'number' || now - read.at > lasts) return null
    if (!isDraft(read.draft)) return null
    return { draft: read.draft, saving: read.saving === true, at: read.at }
  } catch {
    return null
  }
}

/** Forgets the kept draft. */
export function forgetKept(): void {
  try {
    localStorage.removeItem(place)
  } catch {
    // Nothing was kept.
  }
}

function isDraft(value: unknown): value is Draft {
  if (typeof value !== 'object' || value === null) return false
  const draft = value as Partial<Draft>
  return (
    typeof draft.name === 'string' &&
    typeof draft.filter === 'object' &&
    Object.values(draft.filter).every((values) => Array.isArray(values)) &&
    Array.isArray(draft.events)
  )
}
