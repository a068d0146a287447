import type { Browser, CDPSession } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser, visit } from '../harness/browser'
import { Server } from '../harness/server'
import { look } from '../harness/sights'
import { Simulated } from '../harness/simulated'

const HOURS = 24
/** Events of a day, far more than a day has. */
const EVENTS = 24_000
/** Measurements of a quarter. */
const A_QUARTER = 12
const ACTIVITIES = 1000
/** How much more the last quarter may hold than the second. */
const BOUND = 1.05

let server: Server
let browser: Browser

beforeAll(async () => {
  ;[server, browser] = await Promise.all([Server.demo(), openBrowser(['--js-flags=--expose-gc'])])
})

afterAll(async () => {
  await browser.close()
  await server.stop()
})

/** Bytes the page's scripts hold once the rubbish is out. */
async function held(devtools: CDPSession): Promise<number> {
  await devtools.send('HeapProfiler.collectGarbage')
  const { usedSize } = await devtools.send('Runtime.getHeapUsage')
  return usedSize
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

test('a page that is open for a day holds no more in the end than in its second quarter', async () => {
  const { page, context, watched, close } = await visit(browser, server)
  const world = await Simulated.begin(page, server, ACTIVITIES)
  await look(page, '/')
  await page.locator('[data-id]').first().waitFor()
  const devtools = await context.newCDPSession(page)
  const quarters: number[] = []
  const apart = (HOURS * 3_600_000) / EVENTS
  const between = EVENTS / 4 / A_QUARTER
  for (let quarter = 0; quarter < 4; quarter += 1) {
    const measured: number[] = []
    for (let number = 0; number < A_QUARTER; number += 1) {
      for (let event = 0; event < between; event += 1) world.happen(apart)
      // Applied and drawn, in batches.
      await page.waitForTimeout(600)
      measured.push(await held(devtools))
    }
    quarters.push(median(measured))
    console.log(`quarter ${quarter + 1}: ${(median(measured) / 1e6).toFixed(2)} MB (${HOURS / 4} h, ${EVENTS / 4} events)`)
  }
  const [, second = NaN, , last = NaN] = quarters
  console.log(`last quarter ÷ second: ${(last / second).toFixed(3)} (at most ${BOUND})`)

  expect(watched.errors).toEqual([])
  expect(last / second).toBeLessThanOrEqual(BOUND)
  await close()
})
