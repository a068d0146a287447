import { readonly, ref, type Ref } from 'vue'

/** The header by which the service worker says that an answer is one it kept, and when: RFC 3339. */
export const STORED_AT = 'x-starboard-stored'

const at = ref<string | null>(null)

/** When the device kept what is shown; null while answers come from the server. */
export const storedAt: Readonly<Ref<string | null>> = readonly(at)

/** Takes note of where an answer came from. */
export function note(answer: Response): void {
  at.value = answer.headers.get(STORED_AT)
}
