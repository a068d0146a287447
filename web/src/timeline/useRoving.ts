/** One tab stop for all bars: arrow keys go on from it, between bars of a lane and between lanes. */
import { computed, nextTick, ref, type ComputedRef, type Ref } from 'vue'
import type { Shape } from './layout'

/** A lane as the keyboard knows it. */
export interface RovingLane {
  facility: string
  shapes: Shape[]
}

export interface Roving {
  /** Key of the shape that takes the tab stop, or null without shapes. */
  stop: ComputedRef<string | null>
  /** A shape got the focus. */
  entered(key: string): void
  /** Gives the focus to a shape. */
  focus(key: string): void
  /** Handles an arrow key, Home or End; false when it is another key. */
  pressed(event: KeyboardEvent, key: string): boolean
}

/** Keeps the tab stop on what was last focused, else on what is selected, else on what is nearest to the middle. */
export function useRoving(
  lanes: ComputedRef<RovingLane[]>,
  selected: () => string | null,
  middle: () => number,
  root: Ref<HTMLElement | null>,
): Roving {
  const active = ref<string | null>(null)

  const stop = computed(() => {
    const shapes = lanes.value.flatMap((lane) => lane.shapes)
    const has = (key: string | null) => key !== null && shapes.some((shape) => shape.key === key)
    if (has(active.value)) return active.value
    if (has(selected())) return selected()
    return nearest(shapes, middle())?.key ?? null
  })

  function focus(key: string): void {
    active.value = key
    void nextTick(() => {
      const all = root.value?.querySelectorAll<SVGElement>('[data-key]') ?? []
      for (const element of all) if (element.dataset['key'] === key) element.focus()
    })
  }

  function pressed(event: KeyboardEvent, key: string): boolean {
    const lane = lanes.value.findIndex(({ shapes }) => shapes.some((shape) => shape.key === key))
    const shapes = lanes.value[lane]?.shapes ?? []
    const index = shapes.findIndex((shape) => shape.key === key)
    const here = shapes[index]
    if (!here) return false
    const target = aim(event.key, shapes, index, here, lane)
    if (target === undefined) return false
    event.preventDefault()
    if (target) focus(target.key)
    return true
  }

  /** The shape a key leads to; null where there is none that way, undefined for keys that lead nowhere. */
  function aim(key: string, shapes: Shape[], index: number, here: Shape, lane: number): Shape | null | undefined {
    switch (key) {
      case 'ArrowRight':
        return shapes[index + 1] ?? null
      case 'ArrowLeft':
        return shapes[index - 1] ?? null
      case 'Home':
        return shapes[0] ?? null
      case 'End':
        return shapes.at(-1) ?? null
      case 'ArrowDown':
        return neighbour(lanes.value.slice(lane + 1), here)
      case 'ArrowUp':
        return neighbour(lanes.value.slice(0, lane).reverse(), here)
      default:
        return undefined
    }
  }

  return { stop, entered: (key) => (active.value = key), focus, pressed }
}

function neighbour(lanes: RovingLane[], here: Shape): Shape | null {
  const next = lanes.find(({ shapes }) => shapes.length > 0)
  return nearest(next?.shapes ?? [], here.x + here.width / 2)
}

function nearest(shapes: readonly Shape[], x: number): Shape | null {
  const away = (shape: Shape) => Math.max(shape.x - x, x - (shape.x + shape.width), 0)
  return shapes.reduce<Shape | null>((best, shape) => (best && away(best) <= away(shape) ? best : shape), null)
}
