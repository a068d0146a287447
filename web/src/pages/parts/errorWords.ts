/** What a failure of a connector means for somebody who does not run it. */
import { errorKinds } from '@/messages/places'

/** A sentence for the kind of failure a message tells of; null where it is none we know. */
export function errorInWords(message: string): string | null {
  return errorKinds.find(([sign]) => sign.test(message))?.[1] ?? null
}
