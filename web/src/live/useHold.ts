import { onScopeDispose } from 'vue'

/** How long a pointer may rest before the order may change again, milliseconds. */
const RESTED = 4000

/**
 * Tells when an element must not change its order: while a pointer moves over it, or the keyboard's focus is in it.
 * Answers the listeners that the element needs.
 */
export function useHold(hold: (on: boolean) => void) {
  let pointing = false
  let focused = false
  let resting: ReturnType<typeof setTimeout> | undefined

  const tell = () => hold(pointing || focused)

  function rest() {
    clearTimeout(resting)
    pointing = false
    tell()
  }

  onScopeDispose(() => {
    clearTimeout(resting)
    hold(false)
  })

  return {
    pointermove() {
      clearTimeout(resting)
      resting = setTimeout(rest, RESTED)
      if (!pointing) {
        pointing = true
        tell()
      }
    },
    pointerleave: rest,
    focusin({ target }: FocusEvent) {
      focused = target instanceof Element && target.matches(':focus-visible')
      tell()
    },
    focusout({ currentTarget, relatedTarget }: FocusEvent) {
      if (currentTarget instanceof Element && relatedTarget instanceof Node && currentTarget.contains(relatedTarget)) return
      focused = false
      tell()
    },
  }
}
