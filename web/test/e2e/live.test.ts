import { gzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser, visit } from '../harness/browser'
import { Server } from '../harness/server'
import { look } from '../harness/sights'

let server: Server
let browser: Browser

beforeAll(async () => {
  ;[server, browser] = await Promise.all([Server.demo(), openBrowser()])
})

afterAll(async () => {
  await browser.close()
  await server.stop()
})

test('the feed moves by itself', async () => {
  const { page, watched, close } = await visit(browser, server)
  await look(page, '/')
  const shown = () => page.locator('main').innerText()
  await page.locator('[data-id]').first().waitFor()
  const running = () => page.locator('[data-id].running').evaluateAll((cards) => cards.map((card) => card.getAttribute('data-id')).join())
  const before = await running()

  // Something starts and something ends within the demo's first minute. Nobody touches the page.
  await expect.poll(running, { timeout: 100_000, interval: 500 }).not.toBe(before)

  expect(await shown()).toContain('by plan')
  expect(watched.errors).toEqual([])
  await close()
})

test('a page asks nobody but its own server, and no rule of its content policy is broken', async () => {
  const { page, watched, close } = await visit(browser, server, { workers: true })
  for (const path of ['/', '/facilities', '/sources', '/subscriptions/new', '/settings']) await look(page, path)

  expect(watched.elsewhere).toEqual([])
  expect(watched.errors).toEqual([])
  await close()
})

test('the first load of the live page fits its budget', async () => {
  const { page, close } = await visit(browser, server)
  const files = new Map<string, Promise<number>>()
  page.on('response', (answer) => {
    const { pathname } = new URL(answer.url())
    if (pathname.startsWith('/api/')) return
    // Decoded by now: packed again as the budget counts.
    files.set(pathname, answer.body().then((body) => gzipSync(body, { level: 9 }).length, () => 0))
  })
  await look(page, '/')
  await page.locator('[data-id]').first().waitFor()
  await page.locator('canvas').first().waitFor()
  await page.waitForLoadState('networkidle').catch(() => undefined)

  const bytes = (await Promise.all(files.values())).reduce((sum, size) => sum + size, 0)
  console.log(`first load ${bytes} bytes packed`)
  expect(bytes).toBeLessThanOrEqual(120_000)
  await close()
})

test('a filter is shared by its address, and holds after a reload', async () => {
  const { page, close } = await visit(browser, server)
  await look(page, '/?facility=JWST')
  const facilities = () => page.locator('[data-id] .facility').allInnerTexts()
  await expect.poll(async () => new Set(await facilities())).toEqual(new Set(['JWST']))

  await page.reload()

  await expect.poll(async () => new Set(await facilities())).toEqual(new Set(['JWST']))
  expect(new URL(page.url()).searchParams.getAll('facility')).toEqual(['JWST'])
  await close()
})

test('a link in a mail opens the board with the activity beside it', async () => {
  const { items } = await server.json<{ items: { id: string; target_name: string }[] }>('/api/activities?limit=1&facility=JWST&intent=science')
  const [activity] = items
  if (!activity) throw new Error('the demo shows no activity of Webb')
  const { page, close } = await visit(browser, server)

  await look(page, `/activities/${activity.id}`)

  await page.getByRole('heading', { name: activity.target_name }).first().waitFor()
  expect(new URL(page.url()).searchParams.get('a')).toBe(activity.id)
  await close()
})

test('an unknown page says so in the app, and is not there for programs either', async () => {
  const { page, close } = await visit(browser, server)
  const answer = await page.goto('/no/such/page')
  expect(answer?.status()).toBe(404)
  await page.getByRole('heading', { level: 1 }).waitFor()
  expect((await fetch(`${server.url}/assets/old.js`)).status).toBe(404)
  await close()
})
