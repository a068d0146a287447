/** Previews that follow a draft as it is edited. */
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { ApiProblem, isAbort } from '@/api/errors'
import type { Preview } from '@/api/types'
import { type Draft, tidy } from './draft'

/** What of a draft a preview depends on. */
export type Question = Pick<Draft, 'filter' | 'events' | 'oncePer'>

/** What previews need of the world around. */
export interface PreviewWorld {
  /** Asks the server; throws an `ApiProblem` when it refuses. */
  look(question: Question, signal: AbortSignal): Promise<Preview>
  /** Calls back after so many milliseconds; the answer calls it off. */
  later(wait: number, call: () => void): () => void
}

/** Previews of the newest question only. */
export interface Previewer {
  preview: ShallowRef<Preview | null>
  /** The question that `preview` answers. */
  asked: ShallowRef<Question | null>
  /** What the server has against the newest question. */
  error: ShallowRef<unknown>
  /** `idle`, `looking`, or `waiting` for a server that has no room. */
  state: Ref<'idle' | 'looking' | 'waiting'>
  /** Asks about a draft once it has stayed as it is for a moment. */
  follow(question: Question): void
  /** Asks again at once. */
  again(): void
  /** Stops asking. */
  stop(): void
}

/** How long a draft has to stay as it is, milliseconds. */
const pause = 500
/** How long to wait for room when the server does not say, seconds. */
const room = 1
/** Times a question without room is asked again. */
const patience = 8

/** Makes previews. A newer question calls off the older; 429 waits as long as the server says. */
export function createPreviewer(world: PreviewWorld): Previewer {
  const preview = shallowRef<Preview | null>(null)
  const asked = shallowRef<Question | null>(null)
  const error = shallowRef<unknown>(null)
  const state = ref<'idle' | 'looking' | 'waiting'>('idle')
  let newest: Question | null = null
  let running: AbortController | null = null
  let callOff: (() => void) | null = null

  function halt(): void {
    callOff?.()
    callOff = null
    running?.abort()
    running = null
  }

  function follow(question: Question): void {
    newest = copyOf(question)
    halt()
    state.value = 'looking'
    callOff = world.later(pause, () => void ask(0))
  }

  function again(): void {
    halt()
    if (newest) void ask(0)
  }

  function stop(): void {
    halt()
    state.value = 'idle'
  }

  async function ask(tries: number): Promise<void> {
    const question = newest
    if (!question) return
    const mine = new AbortController()
    running = mine
    state.value = 'looking'
    try {
      const found = await world.look(question, mine.signal)
      if (running !== mine) return
      preview.value = found
      asked.value = question
      error.value = null
      state.value = 'idle'
    } catch (failure) {
      if (running !== mine || isAbort(failure)) return
      failed(failure, tries)
    }
  }

  function failed(failure: unknown, tries: number): void {
    const full = failure instanceof ApiProblem && failure.status === 429
    if (full && tries < patience) {
      state.value = 'waiting'
      callOff = world.later((failure.retryAfter ?? room) * 1000, () => void ask(tries + 1))
      return
    }
    error.value = failure
    state.value = 'idle'
  }

  return { preview, asked, error, state, follow, again, stop }
}

function copyOf(question: Question): Question {
  return { filter: tidy(question.filter), events: [...question.events], oncePer: question.oncePer }
}
