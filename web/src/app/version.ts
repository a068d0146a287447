import { readonly, ref, type Ref } from 'vue'

const waiting = ref(false)

/** Whether the server holds another version of the app than the one that runs here. */
export const newVersion: Readonly<Ref<boolean>> = readonly(waiting)

/** Whether an error says that a part of the app could not be fetched; each browser has its own words for it. */
export function isMissingChunk(error: unknown): boolean {
  const said = error instanceof Error ? error.message : ''
  return /dynamically imported module|importing a module script failed|unable to preload css/i.test(said)
}

/** The entry script that a page names, as a path. */
function entryOf(page: Document): string | null {
  return page.querySelector('script[type="module"][src]')?.getAttribute('src') ?? null
}

/** Asks the server for its page and compares: the names of scripts change with what is in them. */
export async function lookForNewVersion(page: Document = document): Promise<boolean> {
  try {
    const answer = await fetch('/', { cache: 'no-store', headers: { accept: 'text/html' } })
    if (!answer.ok) return false
    const served = entryOf(new DOMParser().parseFromString(await answer.text(), 'text/html'))
    waiting.value = served !== null && served !== entryOf(page)
  } catch {
    // Out of reach: nothing is known about versions.
  }
  return waiting.value
}

/** Puts the notice aside until the next look. */
export function putAside(): void {
  waiting.value = false
}

/** Where the reload that takes the new version leads; null: to where the visitor is. */
let destination: string | null = null

/** Notes where a visitor wanted to go when the page turned out to be of an older version. */
export function wantedToGo(path: string): void {
  destination = path
}

/** Loads the page anew, on a visitor's word. */
export function takeNewVersion(): void {
  if (destination === null) location.reload()
  else location.assign(destination)
}
