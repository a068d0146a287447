import type { Client } from 'openapi-fetch'
import { problemOf } from './errors'
import type { paths } from './schema'
import { note } from './stored'

/** The methods the server knows. */
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What goes with a request. */
interface Asked {
  params?: { path?: Record<string, unknown>; query?: Record<string, unknown> }
  /** Goes out as JSON. */
  body?: unknown
  /** Writes the query in place of the usual way. */
  querySerializer?: (query: Record<string, unknown>) => string
  signal?: AbortSignal | null
}

/** A path of the description with its values in place, and the query behind it. */
export function addressOf(path: string, { params, querySerializer = queryOf }: Asked): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params?.path?.[name])))
  const query = querySerializer(params?.query ?? {})
  return globalThis.location.origin + filled + (query === '' ? '' : `?${query}`)
}

/** Lists become repeated keys; what is null or missing is left out. */
function queryOf(query: Record<string, unknown>): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (one !== null && one !== undefined) search.append(key, String(one))
    }
  }
  return search.toString()
}

/** What an answer holds: JSON as its value, another kind as its text, nothing as undefined. */
async function contentOf(response: Response): Promise<unknown> {
  const text = await response.text()
  if (text === '') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

function method(name: Method) {
  return async (path: string, asked: Asked = {}): Promise<Answer<unknown>> => {
    const headers: Record<string, string> = { accept: 'application/json' }
    if (asked.body !== undefined) headers['content-type'] = 'application/json'
    const response = await fetch(addressOf(path, asked), {
      method: name,
      headers,
      credentials: 'same-origin',
      signal: asked.signal ?? null,
      ...(asked.body === undefined ? {} : { body: JSON.stringify(asked.body) }),
    })
    note(response)
    const content = await contentOf(response)
    return response.ok ? { data: content, response } : { error: content, response }
  }
}

/** The server's API, typed by its own description: same origin, with the session cookie. */
export const api = {
  GET: method('GET'),
  POST: method('POST'),
  PUT: method('PUT'),
  PATCH: method('PATCH'),
  DELETE: method('DELETE'),
} as unknown as Pick<Client<paths>, Method>

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
