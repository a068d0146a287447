import { onScopeDispose, reactive } from 'vue'
import { preferences } from '@/ui/preferences'

/** The keys that are commands, in the order of the list that `?` shows. Their words are in `messages/keys.ts`. */
export const KEYS = ['/', 'j', 'k', 'Enter', 'Escape', 'm', 't', 'l', 'f', 'a', 'n', 'p', '[', ']', '?'] as const

/** A key that is a command. */
export type Key = (typeof KEYS)[number]

/** What a key does; `false` means that it did nothing here, and the page gets the key. */
export type KeyHandler = (event: KeyboardEvent) => unknown

/** Handlers of each key, the newest last; the newest that does something wins. */
const handlers = reactive(new Map<Key, KeyHandler[]>())

/**
 * Makes keys do something for as long as the calling component lives:
 * `useKeys({ j: next, k: previous, Escape: close })`.
 */
export function useKeys(given: Partial<Record<Key, KeyHandler>>): void {
  const mine = Object.entries(given) as [Key, KeyHandler][]
  for (const [key, handler] of mine) handlers.set(key, [...(handlers.get(key) ?? []), handler])
  onScopeDispose(() => {
    for (const [key, handler] of mine) {
      const left = (handlers.get(key) ?? []).filter((one) => one !== handler)
      if (left.length > 0) handlers.set(key, left)
      else handlers.delete(key)
    }
  })
}

/** Whether a key does something on the page as it stands. */
export function isUsed(key: Key): boolean {
  return handlers.has(key)
}

/** Keys that are no characters: they keep working when single letters are switched off. */
const NAMED: readonly Key[] = ['Enter', 'Escape']

/** Where letters are text, or choose among options. */
const TYPING =
  'dialog[open], textarea, select, [contenteditable], input:not([type="checkbox"], [type="radio"], [type="range"], [type="button"])'
/** What Enter sets off by itself. */
const PRESSED = 'a[href], button, summary, input, [role="button"], [role="option"], [role="tab"], [role="menuitem"]'

/** Whether what has the focus, or stands open over the page, wants this key for itself. */
function isTaken(key: Key, target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (key === 'Escape') {
    const inside = target.closest('dialog[open], [role="combobox"][aria-expanded="true"]')
    return inside !== null || [...document.querySelectorAll('[popover]')].some(isOpen)
  }
  return target.closest(key === 'Enter' ? `${TYPING}, ${PRESSED}` : TYPING) !== null
}

function isOpen(popover: Element): boolean {
  return popover.matches(':popover-open')
}

/** Gives a key press to who asked for it, unless it is text being typed or somebody has dealt with it. */
export function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
  const key = event.key as Key
  const found = handlers.get(key)
  if (found === undefined || isTaken(key, event.target)) return
  if (!preferences.singleKeys && !NAMED.includes(key)) return
  for (const handler of [...found].reverse()) {
    if (handler(event) !== false) {
      event.preventDefault()
      return
    }
  }
}

/** Listens to the keys of the whole page; answers with what stops it. */
export function listenToKeys(page: Document = document): () => void {
  page.addEventListener('keydown', onKey)
  return () => {
    page.removeEventListener('keydown', onKey)
  }
}
