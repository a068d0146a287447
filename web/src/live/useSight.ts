import { onScopeDispose, ref, watch, type Ref } from 'vue'

/** Whether an element has ever come in sight; at once where the browser cannot tell. */
export function useSight(element: Readonly<Ref<HTMLElement | null>>): Ref<boolean> {
  const seen = ref(typeof IntersectionObserver === 'undefined')
  if (seen.value) return seen
  const observer = new IntersectionObserver((entries) => {
    if (entries.some(({ isIntersecting }) => isIntersecting)) seen.value = true
  })
  const stop = watch(element, (now, before) => {
    if (before) observer.unobserve(before)
    if (now) observer.observe(now)
  })
  watch(seen, () => {
    stop()
    observer.disconnect()
  })
  onScopeDispose(() => observer.disconnect())
  return seen
}
