import { problems } from '@/messages/frame'
import type { Problem } from './types'

/** An answer of the server that is not what was asked for. */
export class ApiProblem extends Error {
  /** HTTP status. */
  readonly status: number
  /** What the server said, where it said it in the form of RFC 9457. */
  readonly problem: Problem | null
  /** The parameter or field at fault, where there is one. */
  readonly field: string | null
  /** Seconds after which to try again, where the server named them. */
  readonly retryAfter: number | null

  constructor(status: number, problem: Problem | null, retryAfter: number | null = null) {
    super(problem?.detail ?? problems.status(status))
    this.name = 'ApiProblem'
    this.status = status
    this.problem = problem
    this.field = problem?.field ?? null
    this.retryAfter = retryAfter
  }
}

/** Whether a body is a problem of RFC 9457 as this server sends them. */
export function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'detail' in body && typeof body.detail === 'string'
}

/** The error of an answer: its status, its problem if it holds one, and its `Retry-After`. */
export function problemOf(response: Response, body: unknown): ApiProblem {
  const seconds = Number.parseInt(response.headers.get('retry-after') ?? '', 10)
  return new ApiProblem(response.status, isProblem(body) ? body : null, Number.isNaN(seconds) ? null : seconds)
}

/** A sentence a person can act on. */
export function inWords(error: unknown): string {
  if (error instanceof ApiProblem) return spoken(error)
  if (isAbort(error)) return problems.aborted
  // `fetch` throws a TypeError, and nothing more telling, when it reaches nobody.
  if (error instanceof TypeError) return problems.unreachable
  return problems.unknown
}

/** Whether an error only says that whoever asked no longer wants the answer. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}

function spoken({ status, problem, retryAfter }: ApiProblem): string {
  // What the server says there is meant for programs.
  if (problem === null || problem.type === '/problems/sign-in') return problems.status(status) + later(retryAfter)
  const { detail, meant } = problem
  const hint = meant && !detail.includes(meant) ? ` ${problems.meant(meant)}` : ''
  return sentence(detail) + hint + later(retryAfter)
}

function later(seconds: number | null): string {
  return seconds === null ? '' : ` ${problems.later(seconds)}`
}

function sentence(words: string): string {
  const text = words.trim()
  const begun = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(begun) ? begun : `${begun}.`
}
