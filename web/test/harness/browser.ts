import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core'
import { PATIENCE, type Server } from './server'

/** A desktop, and a phone held upright: CSS pixels. */
export const SIZES = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
} as const

export type Size = keyof typeof SIZES
export const THEMES = ['night', 'day', 'red'] as const
export type Theme = (typeof THEMES)[number]

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Starts the browser that `CHROMIUM` names, or Debian's. */
export async function openBrowser(more: string[] = []): Promise<Browser> {
  const path = process.env.CHROMIUM ?? '/usr/bin/chromium'
  if (!existsSync(path)) throw new Error(`no browser at ${path}: set CHROMIUM`)
  return chromium.launch({ executablePath: path, headless: true, args: [...QUIET, ...more] })
}

/** What must not happen on a page, as it happened. */
export interface Watched {
  /** Requests to another host than the server. */
  elsewhere: string[]
  /** Errors of scripts, of the content policy, and of the console. */
  errors: string[]
}

/** A fresh visitor's window: nothing kept from before. */
export interface Visitor {
  context: BrowserContext
  page: Page
  watched: Watched
  close(): Promise<void>
}

/** Messages the browser itself writes when a server is away or says no; the app tells those in words. */
const OF_THE_NETWORK = /Failed to load resource|WebSocket connection to|net::ERR_/

/** Opens a window on a server. Service workers are blocked unless a test is about them. */
export async function visit(
  browser: Browser,
  server: Server,
  { size = 'desktop', theme, workers = false }: { size?: Size; theme?: Theme; workers?: boolean } = {},
): Promise<Visitor> {
  const context = await browser.newContext({
    baseURL: server.url,
    viewport: SIZES[size],
    serviceWorkers: workers ? 'allow' : 'block',
    hasTouch: size === 'phone',
    isMobile: size === 'phone',
    reducedMotion: 'reduce',
    timezoneId: 'Europe/Berlin',
    locale: 'en-GB',
    colorScheme: 'dark',
  })
  context.setDefaultTimeout(PATIENCE)
  if (theme) {
    await context.addInitScript((chosen) => {
      const kept = JSON.parse(localStorage.getItem('starboard.preferences') ?? '{}') as object
      localStorage.setItem('starboard.preferences', JSON.stringify({ ...kept, theme: chosen }))
    }, theme)
  }
  const watched: Watched = { elsewhere: [], errors: [] }
  context.on('request', (request) => {
    const url = new URL(request.url())
    const ours = url.host === `localhost:${server.port}` || !/^(http|ws)/.test(url.protocol)
    if (!ours) watched.elsewhere.push(request.url())
  })
  context.on('console', (message) => {
    if (message.type() === 'error' && !OF_THE_NETWORK.test(message.text())) watched.errors.push(message.text())
  })
  context.on('weberror', (error) => watched.errors.push(String(error.error())))
  const page = await context.newPage()
  return { context, page, watched, close: () => context.close() }
}
