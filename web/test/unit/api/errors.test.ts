import { describe, expect, it } from 'vitest'
import { ask } from '@/api/client'
import { ApiProblem, inWords, isAbort, problemOf } from '@/api/errors'
import { note, STORED_AT, storedAt } from '@/api/stored'

const filterProblem = { type: '/problems/filter', title: 'The filter was not understood', status: 400, field: 'intent', detail: '`intent` takes science', meant: 'science' }

function answer(status: number, headers: Record<string, string> = {}): Response {
  return new Response(null, { status, headers })
}

describe('asking', () => {
  it('gives the data of an answer', async () => {
    await expect(ask(Promise.resolve({ data: { items: [] }, response: answer(200) }))).resolves.toEqual({ items: [] })
  })

  it('throws the server’s problem with the field at fault', async () => {
    const asked = ask(Promise.resolve({ error: filterProblem, response: answer(400) }))
    await expect(asked).rejects.toMatchObject({ status: 400, field: 'intent', problem: filterProblem })
  })

  it('throws also what no problem came with', async () => {
    const asked = ask(Promise.resolve({ error: '<html>', response: answer(502) }))
    await expect(asked).rejects.toMatchObject({ status: 502, problem: null, field: null })
  })
})

describe('an error in words', () => {
  it('is a sentence, with what was likely meant unless it says so itself', () => {
    expect(inWords(new ApiProblem(400, { ...filterProblem, meant: null }))).toBe('`intent` takes science.')
    expect(inWords(new ApiProblem(400, { ...filterProblem, detail: 'no such value', meant: 'science' }))).toBe(
      'No such value. Did you mean “science”?',
    )
    expect(inWords(new ApiProblem(400, filterProblem))).toBe('`intent` takes science.')
  })

  it('says when to try again', () => {
    expect(inWords(problemOf(answer(429, { 'retry-after': '30' }), null))).toBe('Too many requests from here. Try again in 30 s.')
    expect(inWords(problemOf(answer(429, { 'retry-after': '600' }), null))).toContain('in 10 min')
  })

  it('does not tell people about tokens when they only have to sign in', () => {
    const problem = { type: '/problems/sign-in', title: 'Sign in to do this', status: 401, detail: 'this takes a session, or a token' }
    expect(inWords(new ApiProblem(401, problem))).toBe('Sign in to do this.')
  })

  it('tells a server that is out of reach from an error of our own', () => {
    expect(inWords(new TypeError('Failed to fetch'))).toContain('can’t be reached')
    expect(inWords(new RangeError('oops'))).toContain('Something went wrong')
    expect(inWords('oops')).toContain('Something went wrong')
  })

  it('knows a request that was called off', () => {
    expect(isAbort(new DOMException('', 'AbortError'))).toBe(true)
    expect(isAbort(new Error('AbortError'))).toBe(false)
  })
})

describe('answers that the device kept', () => {
  it('are known as such until the server answers again', () => {
    note(answer(200, { [STORED_AT]: '2026-11-21T03:12:00Z' }))
    expect(storedAt.value).toBe('2026-11-21T03:12:00Z')
    note(answer(200))
    expect(storedAt.value).toBeNull()
  })
})
