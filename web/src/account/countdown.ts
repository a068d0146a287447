/** Seconds until something may be done again. */
import { computed, ref, type ComputedRef } from 'vue'
import { now } from '@/time/clock'

/** Counts down by the given clock (milliseconds), which ticks once a second. */
export function useCountdown(clock: { readonly value: number } = now): { left: ComputedRef<number>; start(seconds: number): void } {
  const until = ref(0)
  return {
    left: computed(() => Math.max(0, Math.ceil((until.value - clock.value) / 1000))),
    start(seconds) {
      until.value = clock.value + seconds * 1000
    },
  }
}
