import { onScopeDispose, ref, watch, type Ref } from 'vue'

/** The size of an element's content, CSS pixels, for as long as the calling component lives; 0 until it is known. */
export function useSize(element: Readonly<Ref<Element | null | undefined>>): { width: Readonly<Ref<number>>; height: Readonly<Ref<number>> } {
  const [width, height] = [ref(0), ref(0)]
  if (typeof globalThis.ResizeObserver !== 'function') return { width, height }
  const observer = new ResizeObserver(([entry]) => {
    if (!entry) return
    width.value = entry.contentRect.width
    height.value = entry.contentRect.height
  })
  watch(
    element,
    (now, before) => {
      if (before) observer.unobserve(before)
      if (now) observer.observe(now)
    },
    { immediate: true, flush: 'post' },
  )
  onScopeDispose(() => {
    observer.disconnect()
  })
  return { width, height }
}

/** Device pixels to a CSS pixel, which changes when the page is zoomed or moved to another screen. */
export function usePixelRatio(): Readonly<Ref<number>> {
  const ratio = ref(globalThis.devicePixelRatio || 1)
  if (typeof globalThis.matchMedia !== 'function') return ratio
  let list: MediaQueryList | null = null
  const follow = () => {
    ratio.value = globalThis.devicePixelRatio
    list?.removeEventListener('change', follow)
    list = globalThis.matchMedia(`(resolution: ${ratio.value.toString()}dppx)`)
    list.addEventListener('change', follow)
  }
  follow()
  onScopeDispose(() => {
    list?.removeEventListener('change', follow)
  })
  return ratio
}
