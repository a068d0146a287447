/** Moving the window with mouse, pen and wheel. Fingers scroll the lanes themselves. */
import { ref, type Ref } from 'vue'
import type { TimeWindow } from './window'
import type { WindowControl } from './useWindow'

/** Less than this (px) is a click with an unsteady hand. */
const STEADY = 4

interface Held {
  pointer: number
  x: number
  window: TimeWindow
}

export interface Drag {
  dragging: Ref<boolean>
  down(event: PointerEvent): void
  move(event: PointerEvent): void
  up(event: PointerEvent): void
  /** Swallows the click that ends a drag. */
  click(event: MouseEvent): void
  wheel(event: WheelEvent): void
}

/** `left` is where the lanes begin on the page and `width` how wide they are, px. */
export function useDrag(control: WindowControl, left: () => number, width: () => number): Drag {
  const dragging = ref(false)
  let held: Held | null = null
  let moved = false

  function perPixel(): number {
    const { from, to } = control.window.value
    return (to - from) / Math.max(1, width())
  }

  return {
    dragging,
    down(event) {
      moved = false
      if (event.button !== 0 || event.pointerType === 'touch' || event.clientX < left()) return
      held = { pointer: event.pointerId, x: event.clientX, window: control.window.value }
    },
    move(event) {
      if (held?.pointer !== event.pointerId) return
      const by = event.clientX - held.x
      if (!dragging.value) {
        if (Math.abs(by) < STEADY) return
        dragging.value = true
        ;(event.currentTarget as Element).setPointerCapture(event.pointerId)
      }
      moved = true
      control.shift(held.window, -by * perPixel())
    },
    up() {
      held = null
      dragging.value = false
    },
    click(event) {
      if (!moved) return
      moved = false
      event.stopPropagation()
      event.preventDefault()
    },
    wheel(event) {
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault()
        const anchor = control.window.value.from + (event.clientX - left()) * perPixel()
        control.zoom(Math.exp(event.deltaY * 0.002), anchor)
        return
      }
      const across = event.deltaX === 0 && event.shiftKey ? event.deltaY : event.deltaX
      if (Math.abs(across) <= (event.shiftKey ? 0 : Math.abs(event.deltaY))) return
      event.preventDefault()
      control.shift(control.window.value, across * perPixel())
    },
  }
}
