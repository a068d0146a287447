import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Account } from '@/api/types'
import { session } from '@/account/session'
import { recogniseVisitor } from '@/app/visitor'

const asked = vi.hoisted(() => ({ refresh: vi.fn() }))
vi.mock('@/account/session', async () => {
  const { ref, shallowRef } = await import('vue')
  return { session: { account: shallowRef(null), known: ref(false) }, refresh: asked.refresh }
})

const ada = { id: 'a', email: 'ada@example.org' } as Account

beforeEach(() => {
  localStorage.clear()
  session.account.value = null
  session.known.value = false
  asked.refresh.mockReset().mockResolvedValue(null)
})

describe('a visitor', () => {
  it('who never signed in here is not asked about', async () => {
    await recogniseVisitor()
    expect(asked.refresh).not.toHaveBeenCalled()
  })

  it('who signs in is recognised the next time', async () => {
    await recogniseVisitor()
    session.account.value = ada
    session.known.value = true
    await flushPromises()
    await recogniseVisitor()
    expect(asked.refresh).toHaveBeenCalledOnce()
  })

  it('who signs out, or whose session is over, is forgotten', async () => {
    localStorage.setItem('starboard.visitor', 'known')
    await recogniseVisitor()
    await recogniseVisitor()
    expect(asked.refresh).toHaveBeenCalledOnce()
  })

  it('stays known while the server is out of reach', async () => {
    localStorage.setItem('starboard.visitor', 'known')
    asked.refresh.mockRejectedValue(new TypeError('Failed to fetch'))
    await recogniseVisitor()
    expect(localStorage.getItem('starboard.visitor')).toBe('known')
  })
})
