/** The moment the board shows: now, unless somebody looks back. */
import { inject, provide, type InjectionKey, type Ref } from 'vue'
import { now } from '@/time/clock'

const KEY: InjectionKey<Readonly<Ref<number>>> = Symbol('the time of the board')

/** Sets the moment for everything below, milliseconds. */
export function provideBoardTime(time: Readonly<Ref<number>>): void {
  provide(KEY, time)
}

/** The moment to which “ago” and “in” relate, milliseconds. */
export function useBoardTime(): Readonly<Ref<number>> {
  return inject(KEY, now)
}
