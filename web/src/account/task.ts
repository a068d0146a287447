/** Work that a person waits for: whether it runs, and what went wrong with it. */
import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { ApiProblem } from '@/api/errors'
import { fieldInWords } from './fieldWords'
import { forget, isSignedOut } from './session'

/** One piece of work at a time. */
export interface Task {
  busy: Ref<boolean>
  /** What went wrong last; null when nothing did. */
  error: ShallowRef<unknown>
  /** What went wrong, unless it is about a field of the form, where it is shown. */
  rest: ComputedRef<unknown>
  /** What went wrong with a field, in words. */
  at(field: string): string | null
  /** Does the work; answers whether it succeeded. Work on the way is not begun twice. */
  run(work: () => Promise<unknown>): Promise<boolean>
}

/** Work on a form with the given fields, as the server calls them. */
export function useTask(fields: readonly string[] = []): Task {
  const busy = ref(false)
  const error = shallowRef<unknown>(null)

  const fieldAtFault = computed(() => {
    const field = error.value instanceof ApiProblem ? error.value.field : null
    return field !== null && fields.includes(field) ? field : null
  })

  async function run(work: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    error.value = null
    try {
      await work()
      return true
    } catch (failure) {
      error.value = failure
      if (isSignedOut(failure)) forget()
      return false
    } finally {
      busy.value = false
    }
  }

  return {
    busy,
    error,
    rest: computed(() => (fieldAtFault.value === null ? error.value : null)),
    at: (field) => (fieldAtFault.value === field && error.value instanceof ApiProblem ? fieldInWords(error.value) : null),
    run,
  }
}
