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

test('without a network the board shows what it last knew, and says so', async () => {
  const { page, context, close } = await visit(browser, server, { workers: true })
  await look(page, '/')
  await page.locator('[data-id]').first().waitFor()
  // Once the worker is in charge and has kept the parts of the page.
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  await expect.poll(() => page.evaluate(async () => (await (await caches.open('parts')).keys()).length)).toBeGreaterThan(3)
  // Leaving a page keeps its rows.
  await page.goto('/sources')
  await page.getByRole('heading', { level: 1 }).waitFor()

  await context.setOffline(true)
  await page.goto('/')

  await page.getByText(/Offline/).first().waitFor()
  await page.locator('[data-id]').first().waitFor()
  await context.setOffline(false)
  await page.getByText(/Offline/).first().waitFor({ state: 'hidden' })
  await close()
})
