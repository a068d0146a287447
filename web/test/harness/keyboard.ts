import type { Locator, Page } from 'playwright-core'

/** Most presses of Tab on the way to anything of a page. */
const FAR = 150

/** Presses Tab until this has the focus: what cannot be reached so fails. */
export async function tabTo(page: Page, wanted: Locator): Promise<void> {
  await wanted.first().waitFor()
  for (let press = 0; press < FAR; press += 1) {
    if (await wanted.first().evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  const where = await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200) ?? 'nothing')
  throw new Error(`${String(wanted)} has no focus after ${FAR} presses of Tab; ${where} has`)
}

/** Goes to a field by Tab and replaces what is in it. */
export async function typed(page: Page, field: Locator, text: string): Promise<void> {
  await tabTo(page, field)
  await page.keyboard.press('Control+a')
  await page.keyboard.type(text)
}
