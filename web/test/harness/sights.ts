import type { Page } from 'playwright-core'
import type { Server } from './server'

/** A page everybody can open, and what tells that it is there. */
export interface Sight {
  /** For file names and reports. */
  name: string
  path: string
  /** Whether somebody has to be signed in. */
  member?: boolean
}

/** Every page of the app and every page the server makes, on a server that plays the demo. */
export async function sights(server: Server): Promise<Sight[]> {
  interface List {
    items: { id: string; facility_name: string; target_name: string | null; proposal_id: string | null; obs_collection: string; s_ra: number | null; s_dec: number | null }[]
  }
  const { items } = await server.json<List>('/api/activities?limit=100&intent=science')
  const known = items.find((one) => one.target_name && one.proposal_id && one.s_ra !== null)
  if (!known) throw new Error('the demo shows no activity with target, programme and place')
  const segment = encodeURIComponent
  return [
    { name: 'live', path: '/' },
    { name: 'panel', path: `/?a=${known.id}` },
    { name: 'empty', path: '/?target=no-such-target' },
    { name: 'facilities', path: '/facilities' },
    { name: 'facility', path: `/facilities/${segment(known.facility_name)}` },
    { name: 'targets', path: '/targets' },
    { name: 'target', path: `/targets/${segment(known.target_name ?? '')}` },
    { name: 'sky', path: `/sky/${known.s_ra},${known.s_dec}` },
    { name: 'programme', path: `/programmes/${segment(known.obs_collection)}/${segment(known.proposal_id ?? '')}` },
    { name: 'sources', path: '/sources' },
    { name: 'subscription-new', path: '/subscriptions/new' },
    { name: 'subscriptions', path: '/subscriptions' },
    { name: 'login', path: '/login' },
    { name: 'register', path: '/register' },
    { name: 'forgot', path: '/forgot' },
    { name: 'settings', path: '/settings' },
    { name: 'privacy', path: '/privacy' },
    { name: 'not-found', path: '/no/such/page' },
    { name: 'lite', path: '/lite' },
    { name: 'lite-facility', path: `/lite/facilities/${segment(known.facility_name)}` },
    { name: 'lite-sources', path: '/lite/sources' },
    { name: 'outbox', path: '/outbox' },
  ]
}

/** Opens a page and waits until it shows what it has: no skeleton left, no news on their way. */
export async function look(page: Page, path: string): Promise<void> {
  await page.goto(path)
  await page.locator('h1').first().waitFor()
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"], .skeleton, .skeleton-lines') === null)
  await page.evaluate(() => document.fonts.ready)
}

/** How far a page is wider than its window, CSS pixels. */
export function sideways(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}
