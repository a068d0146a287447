/** Where somebody was before they were asked to sign in. */

/** What leads back to pages of signing in would lead nowhere. */
const entrances = ['/login', '/register', '/forgot']

/**
 * The path of this app that `?next=` names, with its query and fragment; null when it is another
 * site's, no path at all, or a page of signing in.
 */
export function safeNext(given: unknown, origin: string = window.location.origin): string | null {
  const text: unknown = Array.isArray(given) ? given[0] : given
  if (typeof text !== 'string' || !text.startsWith('/')) return null
  // A browser reads `/\` and `//` as the begin of another host, and drops control characters.
  if (/^\/[/\\]/.test(text) || hasControl(text)) return null
  let url: URL
  try {
    url = new URL(text, origin)
  } catch {
    return null
  }
  if (url.origin !== origin || entrances.includes(url.pathname)) return null
  return url.pathname + url.search + url.hash
}

function hasControl(text: string): boolean {
  return [...text].some((character) => character < ' ' || character === '\u007f')
}

/** The query that brings somebody back to `next` after a page of signing in. */
export function withNext(next: string | null): Record<string, string> {
  return next === null ? {} : { next }
}
