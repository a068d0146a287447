import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser, SIZES, type Size, type Theme, THEMES, visit } from '../harness/browser'
import { join as signUp } from '../harness/person'
import { Server } from '../harness/server'
import { look, type Sight, sights } from '../harness/sights'

/** Where pictures go: `SHOTS`, else a folder git ignores. */
const FOLDER = resolve(process.env.SHOTS ?? join(import.meta.dirname, '../../shots'))
/** Pages taller than this are cut, CSS pixels. */
const TALLEST = 4000

let server: Server
let browser: Browser
let all: Sight[]

beforeAll(async () => {
  ;[server, browser] = await Promise.all([Server.demo(), openBrowser()])
  all = await sights(server)
  mkdirSync(FOLDER, { recursive: true })
})

afterAll(async () => {
  await browser.close()
  await server.stop()
})

/** Waits for what is fetched when it comes into sight, and for the news to flow. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight))
  if ((await page.locator('.pill').count()) > 0) await page.locator('.pill-ok').first().waitFor()
  await page.waitForTimeout(300)
  await page.evaluate(() => window.scrollTo(0, 0))
}

const every = THEMES.flatMap((theme) => (Object.keys(SIZES) as Size[]).map((size): [Theme, Size] => [theme, size]))

test.each(every)('every page in the theme %s on a %s', async (theme, size) => {
  const { page, context, close } = await visit(browser, server, { theme, size })
  const take = async (names: Sight[], whose: string) => {
    for (const { name, path } of names) {
      await look(page, path)
      await settle(page)
      const { width } = SIZES[size]
      const height = await page.evaluate(() => document.documentElement.scrollHeight)
      // What lies over the page is as tall as the window.
      const tall = name === 'panel' ? 0 : Math.min(height, TALLEST)
      const clip = { x: 0, y: 0, width, height: Math.max(tall, SIZES[size].height) }
      const file = join(FOLDER, `${name}${whose}-${theme}-${size}.png`)
      await page.screenshot({ path: file, fullPage: true, clip, animations: 'disabled' })
    }
  }
  await take(all, '')
  await signUp(context, server)
  // What looks otherwise for somebody who is signed in.
  await take(all.filter(({ name }) => ['live', 'subscriptions', 'subscription-new', 'settings'].includes(name)), '-member')
  expect(FOLDER).not.toBe('')
  await close()
})
