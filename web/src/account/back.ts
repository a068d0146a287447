/** Where somebody goes once they are signed in. */
import { kept } from '@/subscriptions/kept'

const editor = '/subscriptions/new'

/** Back to where they were; without that to the subscription they meant to save, or to the board. */
export function afterSignIn(next: string | null): string {
  return next ?? (kept()?.saving ? editor : '/')
}

/** Whether signing in leads back to a subscription in the making. */
export function leadsToDraft(next: string | null): boolean {
  return next === null ? (kept()?.saving ?? false) : next.startsWith(editor)
}
