import createClient from 'openapi-fetch'
import { problemOf } from './errors'
import type { paths } from './schema'

/** The server's API, typed by its own description: same origin, with the session cookie. */
export const api = createClient<paths>({
  baseUrl: globalThis.location.origin,
  credentials: 'same-origin',
  headers: { accept: 'application/json' },
  // Looked up at each call, so that a page opened before a change of `fetch` takes part in it.
  fetch: (request) => globalThis.fetch(request),
})

/** What `api` answers with: the data, or the error, and always the response. */
export interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The data of an answer; anything but success is thrown as an `ApiProblem`. */
export async function ask<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer
  if (!response.ok) throw problemOf(response, error)
  return data as T
}
