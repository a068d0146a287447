import { onScopeDispose } from 'vue'

/** Asks search engines to leave the page out for as long as the calling component lives: it names people. */
export function noIndex(page: Document = document): void {
  const meta = page.createElement('meta')
  meta.name = 'robots'
  meta.content = 'noindex'
  page.head.append(meta)
  onScopeDispose(() => {
    meta.remove()
  })
}
