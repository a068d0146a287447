import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sent, signUp, signIn } from '@/messages/account'
import { regionWords } from '@/messages/sky'
import { editor, eventWords } from '@/messages/subscriptions'
import { openBrowser, visit } from '../harness/browser'
import { tabTo, typed } from '../harness/keyboard'
import { awaitMail, linkIn, type Person, somebody } from '../harness/person'
import { Server } from '../harness/server'
import { look } from '../harness/sights'

/** The demo's first minute is busy; who misses it waits for this at most, milliseconds. */
const A_WHILE = 420_000

let server: Server
let browser: Browser

beforeAll(async () => {
  browser = await openBrowser()
  server = await Server.demo()
})

afterAll(async () => {
  await browser.close()
  await server.stop()
})

/** The sentence that says what a subscription would have brought. */
function brought(page: Page): Promise<string> {
  return page.getByText(/^Would have matched/).first().innerText()
}

/** Types another radius of the circle. */
async function setRadius(page: Page, degrees: string): Promise<void> {
  const radius = page.getByLabel(regionWords.radius, { exact: true })
  await radius.fill(degrees)
  await radius.press('Tab')
}

/** Follows the link of the first mail in a window of its own, as from a mail program. */
async function confirmAddress(page: Page, person: Person): Promise<void> {
  const mail = await awaitMail(server, person.email, /\/verify\//)
  const other = await page.context().newPage()
  await other.goto(linkIn(mail, 'verify'))
  await other.getByRole('button', { name: 'Confirm' }).click()
  await other.getByRole('heading', { name: 'Your address is confirmed' }).waitFor()
  await other.close()
}

test('somebody new draws a region, signs up on the way, is told, and ends it', async () => {
  const person = somebody()
  const { page, watched, close } = await visit(browser, server)
  await look(page, '/subscriptions/new')
  await page.getByLabel(editor.where.region).check()
  const map = page.getByRole('application', { name: regionWords.label })
  await map.scrollIntoViewIfNeeded()
  const box = await map.boundingBox()
  if (!box) throw new Error('the map has no place')
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x + 15, y, { steps: 4 })
  await page.mouse.up()
  await page.getByText(/^Circle of radius/).first().waitFor()
  const before = page.url()
  await setRadius(page, '180')
  // The draft is its address, so it can be sent to somebody or kept.
  await expect.poll(() => page.url()).not.toBe(before)
  for (const { name } of [eventWords.scheduled, eventWords.ended, eventWords.confirmed]) await page.getByLabel(name).first().check()
  await page.getByRole('button', { name: editor.createToSave }).click()
  await page.getByLabel(signIn.email).fill(person.email)
  await page.getByLabel(signUp.password, { exact: true }).fill(person.password)
  await page.getByRole('button', { name: signUp.submit }).click()
  await page.getByRole('heading', { name: sent.title }).waitFor()
  await confirmAddress(page, person)
  await page.getByRole('button', { name: sent.confirmed }).click()
  await page.getByText(/^Circle of radius/).first().waitFor()
  await page.getByRole('button', { name: editor.saveNew }).click()
  await page.getByText(editor.savedNew).first().waitFor()

  const mail = await awaitMail(server, person.email, /\/unsubscribe\//, A_WHILE)
  expect(mail).toMatch(/by plan|archived|reported/)

  // What has just come is what the preview now finds, until the region is too small for it.
  await page.goto('/subscriptions')
  await page.getByRole('link', { name: /180/ }).first().click()
  await expect.poll(() => brought(page)).toMatch(/matched (at least )?\d/)
  await setRadius(page, '0.001')
  await expect.poll(() => brought(page)).toMatch(/matched nothing/)

  await page.goto(linkIn(mail, 'unsubscribe'))
  await page.getByRole('button', { name: 'Unsubscribe' }).click()
  await page.getByRole('heading', { name: 'You are unsubscribed' }).waitFor()
  expect(watched.errors).toEqual([])
  expect(watched.elsewhere).toEqual([])
  await close()
}, 600_000)

test('the same goes by keyboard alone', async () => {
  const person = somebody()
  const { page, close } = await visit(browser, server)
  await look(page, '/subscriptions/new')
  await tabTo(page, page.locator('input[name="where"]:checked'))
  // Down to the next of the choices.
  await page.keyboard.press('ArrowDown')
  await tabTo(page, page.getByRole('application', { name: regionWords.label }))
  await page.keyboard.press('ArrowRight')
  await page.getByText(/^Circle of radius/).first().waitFor()
  const first = await page.getByText(/^Circle of radius/).first().innerText()
  await page.keyboard.press('PageUp')
  await expect.poll(() => page.getByText(/^Circle of radius/).first().innerText()).not.toBe(first)
  await typed(page, page.getByLabel(regionWords.radius, { exact: true }), '180')
  await tabTo(page, page.getByRole('button', { name: editor.createToSave }))
  await page.keyboard.press('Enter')
  await typed(page, page.getByLabel(signIn.email), person.email)
  await typed(page, page.getByLabel(signUp.password, { exact: true }), person.password)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: sent.title }).waitFor()
  await page.goto(linkIn(await awaitMail(server, person.email, /\/verify\//), 'verify'))
  await tabTo(page, page.getByRole('button', { name: 'Confirm' }))
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Your address is confirmed' }).waitFor()
  await page.goto('/login?next=/subscriptions')
  await typed(page, page.getByLabel(signIn.email), person.email)
  await typed(page, page.getByLabel(signUp.password, { exact: true }), person.password)
  await page.keyboard.press('Enter')
  await page.waitForURL((url) => url.pathname === '/subscriptions')

  await page.goto('/subscriptions/new')
  await tabTo(page, page.getByRole('button', { name: editor.sampleFirst }))
  await page.keyboard.press('Enter')

  const mail = await awaitMail(server, person.email, /\/unsubscribe\//)
  await page.goto(linkIn(mail, 'unsubscribe'))
  await tabTo(page, page.getByRole('button', { name: 'Unsubscribe' }))
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'You are unsubscribed' }).waitFor()
  await close()
}, 300_000)
