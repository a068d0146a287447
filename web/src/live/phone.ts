import { onScopeDispose, ref, type Ref } from 'vue'

/** Whether the page is as narrow as on a phone, one column; follows the window. */
export function usePhone(): Ref<boolean> {
  return useMedia('(max-width: 860px)')
}

/** Whether a media query holds; false where there is none to ask. */
export function useMedia(text: string): Ref<boolean> {
  const query = globalThis.matchMedia?.(text)
  const holds = ref(query?.matches ?? false)
  const follow = () => (holds.value = query?.matches ?? false)
  query?.addEventListener('change', follow)
  onScopeDispose(() => query?.removeEventListener('change', follow))
  return holds
}
