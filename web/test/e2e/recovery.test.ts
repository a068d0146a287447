import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser, visit } from '../harness/browser'
import { report, reportName, type Visit } from '../harness/jwst'
import { Server } from '../harness/server'
import { look } from '../harness/sights'

const MINUTE = 60_000

let server: Server
let browser: Browser

beforeAll(async () => {
  ;[server, browser] = await Promise.all([Server.serve(), openBrowser()])
})

afterAll(async () => {
  await browser.close()
  await server.stop()
})

function plan(now: number, count: number): Visit[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `9${100 + index}:1:1`,
    start: now + (30 + 20 * index) * MINUTE,
    minutes: 15,
    target: `NGC-${1000 + index}`,
  }))
}

test('when the server is killed and comes back, what happened meanwhile is shown', async () => {
  const now = Date.now()
  await server.kill()
  server.takeIn('jwst', reportName(now), report(plan(now, 3)))
  await server.start()
  const { page, watched, close } = await visit(browser, server)
  await look(page, '/')
  await page.getByText('NGC-1002').first().waitFor()

  await server.kill()
  await page.getByText(/Reconnecting|Offline/).first().waitFor()
  // The last known stays while there is no news.
  expect(await page.getByText('NGC-1002').count()).toBeGreaterThan(0)
  server.takeIn('jwst', reportName(now), report(plan(now, 6)))
  await server.start()

  for (const name of ['NGC-1003', 'NGC-1004', 'NGC-1005']) await page.getByText(name).first().waitFor()
  const shown = await page.locator('[data-id]').evaluateAll((cards) => cards.map((card) => card.getAttribute('data-id')))
  const { items } = await server.json<{ items: { id: string }[] }>('/api/activities?facility=JWST')
  expect(new Set(shown)).toEqual(new Set(items.map((item) => item.id)))
  expect(shown.length).toBe(items.length)
  await page.getByText(/Reconnecting|Offline/).first().waitFor({ state: 'hidden' })
  expect(watched.errors).toEqual([])
  await close()
})
