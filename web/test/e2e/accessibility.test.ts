import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser, THEMES, visit } from '../harness/browser'
import { join as signUp } from '../harness/person'
import { Server } from '../harness/server'
import { look, sideways, type Sight, sights } from '../harness/sights'

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

let server: Server
let browser: Browser
let all: Sight[]

beforeAll(async () => {
  ;[server, browser] = await Promise.all([Server.demo(), openBrowser()])
  all = await sights(server)
})

afterAll(async () => {
  await browser.close()
  await server.stop()
})

/** What axe finds wrong with a page, a line each. */
async function violations(page: Page): Promise<string[]> {
  // By the debugger's door: the page's own policy lets no foreign script in.
  await page.evaluate((await import('node:fs')).readFileSync(axe, 'utf8'))
  const results = await page.evaluate(
    (rules) => (window as unknown as { axe: { run(where: Document, options: object): Promise<AxeResults> } }).axe.run(document, { runOnly: { type: 'tag', values: rules } }),
    RULES,
  )
  // A sweep that looked at nothing would find nothing.
  expect(results.passes.length).toBeGreaterThan(10)
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).slice(0, 3).join(' | ')}`)
}

test.each(THEMES)('axe finds nothing wrong with any page in the theme %s', async (theme) => {
  const { page, context, close } = await visit(browser, server, { theme })
  const found: Record<string, string[]> = {}
  const sweep = async (who: string) => {
    for (const { name, path } of all) {
      await look(page, path)
      const wrong = await violations(page)
      if (wrong.length > 0) found[`${who} ${name}`] = wrong
    }
  }
  await sweep('a visitor on')
  await signUp(context, server)
  await sweep('a member on')

  expect(found).toEqual({})
  await close()
}, 600_000)

test('no page is wider than a phone', async () => {
  const { page, close } = await visit(browser, server, { size: 'phone' })
  const wide: Record<string, number> = {}
  for (const { name, path } of all) {
    await look(page, path)
    const over = await sideways(page)
    if (over > 0) wide[name] = over
  }

  expect(wide).toEqual({})
  await close()
}, 300_000)
