/** What the pages of subscriptions ask of the server. */
import { api, ask } from '@/api/client'
import type { Preview } from '@/api/types'
import type { Question, PreviewWorld } from './preview'

/** Asks for a preview of the last 30 days. */
export function look(question: Question, signal: AbortSignal): Promise<Preview> {
  const body = { filter: question.filter, events: question.events, once_per: question.oncePer }
  return ask(api.POST('/api/subscriptions/preview', { body, signal }))
}

/** The browser's timers and our server. */
export const world: PreviewWorld = {
  look,
  later(wait, call) {
    const timer = window.setTimeout(call, wait)
    return () => {
      window.clearTimeout(timer)
    }
  },
}
