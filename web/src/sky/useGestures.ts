/**
 * Mouse, pen and fingers on a map. A mouse drags and clicks; one finger scrolls the page and taps, two move and zoom.
 * Points are pixels from the upper left of the stage.
 */
import { onBeforeUnmount, onMounted } from 'vue'
import type { Ref } from 'vue'
import type { Position } from './sphere'

/** What a map does with gestures. */
export interface Gestures {
  drag(from: Position, to: Position): void
  zoom(factor: number, point: Position): void
  /** The pointer is over a point, or away. */
  hover(point: Position | null): void
  tap(point: Position, isTouch: boolean): void
  /** Something other than the sky is at the point and is to be moved instead. */
  grab?(point: Position, isTouch: boolean): boolean
  carry?(point: Position): void
  drop?(): void
  /** One finger moved over the map, or the wheel turned, to scroll the page. */
  passed?(by: 'finger' | 'wheel'): void
}

/** A press that moves less is a click, pixels. */
const STILL = 4

/** Listens for as long as the calling component lives. */
export function useGestures(stage: Ref<HTMLElement | null>, gestures: Gestures): void {
  let pressed: Position | null = null
  let last: Position | null = null
  let hasMoved = false
  let isCarrying = false
  let fingers: { middle: Position; apart: number } | null = null

  const pointOf = (event: { clientX: number; clientY: number }): Position => {
    const box = stage.value?.getBoundingClientRect()
    return [event.clientX - (box?.left ?? 0), event.clientY - (box?.top ?? 0)]
  }

  function down(event: PointerEvent) {
    if (event.pointerType === 'touch' || event.button !== 0) return
    pressed = last = pointOf(event)
    hasMoved = false
    isCarrying = gestures.grab?.(pressed, false) ?? false
    stage.value?.setPointerCapture(event.pointerId)
  }

  function move(event: PointerEvent) {
    if (event.pointerType === 'touch') return
    const point = pointOf(event)
    if (!pressed || !last) {
      gestures.hover(point)
      return
    }
    hasMoved ||= Math.hypot(point[0] - pressed[0], point[1] - pressed[1]) >= STILL
    if (!hasMoved) return
    if (isCarrying) gestures.carry?.(point)
    else gestures.drag(last, point)
    last = point
  }

  function up() {
    if (isCarrying) gestures.drop?.()
    pressed = last = null
    isCarrying = false
  }

  function click(event: MouseEvent) {
    const isTouch = (event as PointerEvent).pointerType === 'touch'
    if (!hasMoved || isTouch) gestures.tap(pointOf(event), isTouch)
    hasMoved = false
  }

  function wheel(event: WheelEvent) {
    const isMeant = event.ctrlKey || event.metaKey || document.activeElement === stage.value
    if (!isMeant) {
      gestures.passed?.('wheel')
      return
    }
    event.preventDefault()
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 24 : 1
    // A pinch on a touchpad comes as small turns of the wheel with Ctrl.
    const speed = event.ctrlKey ? 0.01 : 0.002
    gestures.zoom(Math.exp(-Math.max(-120, Math.min(120, event.deltaY * lines)) * speed), pointOf(event))
  }

  function touchStart(event: TouchEvent) {
    const [one, other] = event.touches
    if (one && !other) {
      pressed = last = pointOf(one)
      hasMoved = false
      isCarrying = gestures.grab?.(pressed, true) ?? false
      return
    }
    if (one && other) {
      if (isCarrying) gestures.drop?.()
      isCarrying = false
      fingers = pairOf(one, other)
      event.preventDefault()
    }
  }

  function touchMove(event: TouchEvent) {
    const [one, other] = event.touches
    if (one && other && fingers) {
      event.preventDefault()
      const now = pairOf(one, other)
      if (fingers.apart > 0) gestures.zoom(now.apart / fingers.apart, now.middle)
      gestures.drag(fingers.middle, now.middle)
      fingers = now
    } else if (one && pressed) {
      const point = pointOf(one)
      if (isCarrying) {
        event.preventDefault()
        hasMoved = true
        gestures.carry?.(point)
      } else if (Math.abs(point[0] - pressed[0]) > 24) gestures.passed?.('finger')
    }
  }

  function touchEnd(event: TouchEvent) {
    if (event.touches.length < 2) fingers = null
    if (event.touches.length > 0) return
    if (isCarrying) gestures.drop?.()
    // What has been carried must not be clicked as well.
    if (isCarrying && hasMoved) event.preventDefault()
    pressed = last = null
    isCarrying = false
  }

  function pairOf(a: Touch, b: Touch): { middle: Position; apart: number } {
    const [one, other] = [pointOf(a), pointOf(b)]
    return {
      middle: [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2],
      apart: Math.hypot(one[0] - other[0], one[1] - other[1]),
    }
  }

  const leave = () => {
    gestures.hover(null)
  }

  const controller = new AbortController()
  onMounted(() => {
    const element = stage.value
    if (!element) return
    const { signal } = controller
    element.addEventListener('pointerdown', down, { signal })
    element.addEventListener('pointermove', move, { signal })
    element.addEventListener('pointerup', up, { signal })
    element.addEventListener('pointercancel', up, { signal })
    element.addEventListener('pointerleave', leave, { signal })
    element.addEventListener('click', click, { signal })
    element.addEventListener('wheel', wheel, { signal, passive: false })
    element.addEventListener('touchstart', touchStart, { signal, passive: false })
    element.addEventListener('touchmove', touchMove, { signal, passive: false })
    element.addEventListener('touchend', touchEnd, { signal, passive: false })
    element.addEventListener('touchcancel', touchEnd, { signal })
  })
  onBeforeUnmount(() => {
    controller.abort()
  })
}
