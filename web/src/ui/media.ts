import { onScopeDispose, ref, type Ref } from 'vue'

/** Whether a media query holds, as `useMedia('(max-width: 860px)')`, for as long as the calling component lives. */
export function useMedia(query: string): Readonly<Ref<boolean>> {
  const matches = ref(false)
  if (typeof globalThis.matchMedia !== 'function') return matches
  const list = globalThis.matchMedia(query)
  const follow = () => {
    matches.value = list.matches
  }
  follow()
  list.addEventListener('change', follow)
  onScopeDispose(() => {
    list.removeEventListener('change', follow)
  })
  return matches
}
