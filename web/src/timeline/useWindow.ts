/** The window a timeline looks at: it follows now until somebody moves it. */
import { computed, ref, shallowRef, watch, type ComputedRef, type Ref } from 'vue'
import { around, bounded, FIRST_SPAN, moved, nextSpan, zoomed, type TimeWindow } from './window'

/** Moves of the window, and where it stands. */
export interface WindowControl {
  window: ComputedRef<TimeWindow>
  /** Nobody has moved it away from where it began. */
  home: ComputedRef<boolean>
  move(part: number): void
  shift(from: TimeWindow, by: number): void
  zoom(factor: number, anchor: number): void
  step(direction: 1 | -1): void
  setSpan(span: number): void
  look(window: TimeWindow): void
  toNow(): void
}

/** A window that begins at `fixed` where that is given, else at six hours around now. */
export function useWindow(fixed: () => TimeWindow | null, now: Ref<number>): WindowControl {
  const span = ref(FIRST_SPAN)
  const chosen = shallowRef<TimeWindow | null>(null)
  /** Now in steps too small to see, so that nothing is laid out again each second. */
  const grain = computed(() => span.value / 720)
  const centre = computed(() => Math.round(now.value / grain.value) * grain.value)
  const window = computed(() => chosen.value ?? around(centre.value, span.value))
  const look = (next: TimeWindow) => (chosen.value = bounded(next, now.value))

  watch(fixed, (next, before) => {
    if (next?.from !== before?.from || next?.to !== before?.to) chosen.value = next
  }, { immediate: true })

  function setSpan(next: number): void {
    const { from, to } = window.value
    span.value = next
    if (chosen.value) look(around((from + to) / 2, next))
  }

  return {
    window,
    home: computed(() => chosen.value === null),
    move: (part) => look(moved(window.value, part, now.value)),
    shift: (from, by) => look({ from: from.from + by, to: from.to + by }),
    zoom: (factor, anchor) => look(zoomed(window.value, factor, anchor, now.value)),
    step: (direction) => setSpan(nextSpan(window.value.to - window.value.from, direction)),
    setSpan,
    look,
    toNow() {
      span.value = window.value.to - window.value.from
      chosen.value = null
    },
  }
}
