/** An answer of the server that belongs to something that may change, and that may be asked for again from time to time. */
import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'

export interface Answered<T> {
  /** The newest answer; null before the first, and once the question is another one. */
  data: ShallowRef<T | null>
  /** Why the newest try failed; null when it did not. */
  error: ShallowRef<unknown>
  /** The first answer to the present question is on its way; renewals go unnoticed. */
  loading: Ref<boolean>
  /** Asks again, keeping what is there until the answer comes. */
  again: () => void
}

/**
 * Asks whenever `key` changes, not at all while it is null, and every `every` milliseconds while the page is seen.
 * An answer that comes after the next question is dropped.
 */
export function useAnswer<K, T>(key: () => K | null, question: (key: K) => Promise<T>, every?: number): Answered<T> {
  const data = shallowRef<T | null>(null)
  const error = shallowRef<unknown>(null)
  const loading = ref(false)
  let newest = 0
  let answered = false

  async function again(): Promise<void> {
    const asked = key()
    const mine = ++newest
    if (asked === null) {
      loading.value = false
      return
    }
    loading.value = !answered
    try {
      const answer = await question(asked)
      if (mine !== newest) return
      data.value = answer
      error.value = null
      answered = true
    } catch (problem) {
      if (mine === newest) error.value = problem
    } finally {
      if (mine === newest) loading.value = false
    }
  }

  watch(
    () => JSON.stringify(key()),
    () => {
      data.value = null
      error.value = null
      answered = false
      void again()
    },
    { immediate: true },
  )
  if (every !== undefined) {
    const timer = setInterval(() => {
      if (!document.hidden) void again()
    }, every)
    onScopeDispose(() => {
      clearInterval(timer)
    })
  }
  onScopeDispose(() => {
    newest += 1
  })
  return { data, error, loading, again: () => void again() }
}
