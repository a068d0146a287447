import { shallowRef, type ShallowRef } from 'vue'

/** What a toast is: news, or something that went wrong. */
export type ToastKind = 'info' | 'error'

/** A short message that goes by itself. */
export interface Toast {
  id: number
  message: string
  kind: ToastKind
}

/** How long one stays, milliseconds; an error is read more slowly. */
const STAYS_MS = { info: 6000, error: 12_000 }
const AT_MOST = 3

let last = 0

/** Those on the screen, oldest first. */
export const toasts: ShallowRef<readonly Toast[]> = shallowRef([])

/** Says something in passing; what needs an answer belongs in the page or in a dialog. */
export function toast(message: string, kind: ToastKind = 'info'): void {
  last += 1
  const id = last
  const others = toasts.value.filter((one) => one.message !== message)
  toasts.value = [...others, { id, message, kind }].slice(-AT_MOST)
  setTimeout(() => {
    dismiss(id)
  }, STAYS_MS[kind])
}

/** Takes one off the screen. */
export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((one) => one.id !== id)
}
