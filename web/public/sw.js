// Keeps the app, and what it last showed of the public lists, for reading without a network.
//
// The network comes first for the page and for the API, so what a deploy brings is seen at once. Only files
// under /assets/ come from here first: their names change with what is in them. Nothing private is kept.

/** Says of an answer that it is one kept here, and since when. */
const STORED = 'x-starboard-stored'
const SHELL = 'shell'
const PARTS = 'parts'
const LISTS = 'lists'
/** Files that stand beside the page under names that do not change. */
const BESIDE = ['/theme.js', '/icon.svg', '/manifest.webmanifest']
/** Public lists; the board itself keeps its own rows and says of when they are. */
const KEPT_LISTS = /^\/api\/(facilities|sources|sites)(\/[^/]+)?$/
const MOST_LISTS = 40
/** The server's `Vary` speaks of packing and of other hosts: what is kept is the same for all that ask here. */
const ANY = { ignoreVary: true }
/** Paths that are pages of the server's own making. */
const SERVER_MADE = /^\/(api|outbox|verify|reset|unsubscribe|lite|healthz|readyz|metrics)(\/|$)/

self.addEventListener('install', (event) => {
  event.waitUntil(install())
})

self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim())
})

self.addEventListener('message', (event) => {
  if (event.data?.type === 'keep') event.waitUntil(keepParts(event.data.urls))
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin) return
  if (request.mode === 'navigate') {
    if (!SERVER_MADE.test(url.pathname)) event.respondWith(page(event))
  } else if (url.pathname.startsWith('/assets/')) event.respondWith(part(event))
  else if (BESIDE.includes(url.pathname)) event.respondWith(beside(event))
  else if (KEPT_LISTS.test(url.pathname) && !request.headers.has('authorization')) event.respondWith(list(event))
})

async function install() {
  const [shell] = await Promise.all([caches.open(SHELL), self.skipWaiting()])
  const answer = await fetch('/', { cache: 'no-store' })
  if (isPage(answer)) await keepShell(answer)
  await shell.addAll(BESIDE)
}

function isPage(answer) {
  const type = answer.headers.get('content-type') ?? ''
  return answer.ok && !answer.redirected && type.startsWith('text/html')
}

/** Keeps the page, and lets go of the parts that only an older one needed. */
async function keepShell(answer) {
  const [shell, parts] = await Promise.all([caches.open(SHELL), caches.open(PARTS)])
  const before = await (await shell.match('/', ANY))?.text()
  const html = await answer.clone().text()
  await shell.put('/', answer)
  if (html === before) return
  const named = new Set([...html.matchAll(/["'](\/assets\/[^"']+)["']/g)].map(([, path]) => path))
  const kept = await parts.keys()
  if (before !== undefined) await Promise.all(kept.filter((one) => !named.has(new URL(one.url).pathname)).map((one) => parts.delete(one)))
  await keepParts([...named])
}

async function keepParts(urls) {
  const parts = await caches.open(PARTS)
  for (const address of urls) {
    const url = new URL(address, self.location.origin)
    if (url.origin !== self.location.origin || !url.pathname.startsWith('/assets/')) continue
    if (await parts.match(url.href, ANY)) continue
    const answer = await fetch(url.href).catch(() => null)
    if (answer?.ok) await parts.put(url.href, answer)
  }
}

/** The page from the server; while that is away, or a proxy answers in its place, the one kept here. */
async function page(event) {
  const answer = await fetch(event.request).catch(() => null)
  if (answer && isPage(answer)) event.waitUntil(keepShell(answer.clone()))
  if (answer && answer.status < 500) return answer
  return (await (await caches.open(SHELL)).match('/', ANY)) ?? answer ?? Response.error()
}

async function part(event) {
  const parts = await caches.open(PARTS)
  const kept = await parts.match(event.request, ANY)
  if (kept) return kept
  const answer = await fetch(event.request)
  if (answer.ok) event.waitUntil(parts.put(event.request, answer.clone()))
  return answer
}

async function beside(event) {
  const shell = await caches.open(SHELL)
  try {
    const answer = await fetch(event.request)
    if (answer.ok) event.waitUntil(shell.put(event.request, answer.clone()))
    return answer
  } catch (error) {
    const kept = await shell.match(event.request, ANY)
    if (kept) return kept
    throw error
  }
}

async function list(event) {
  const lists = await caches.open(LISTS)
  try {
    const answer = await fetch(event.request)
    if (isPublic(answer)) event.waitUntil(keepList(lists, event.request, answer.clone()))
    return answer
  } catch (error) {
    const kept = await lists.match(event.request, ANY)
    if (kept) return kept
    throw error
  }
}

/** Whether the server says that anybody may have this answer. */
function isPublic(answer) {
  const control = answer.headers.get('cache-control') ?? ''
  return answer.ok && /\bpublic\b/.test(control) && !/\b(private|no-store)\b/.test(control)
}

async function keepList(lists, request, answer) {
  const headers = new Headers(answer.headers)
  headers.set(STORED, new Date().toISOString())
  // The body comes unpacked out of `fetch`.
  headers.delete('content-encoding')
  headers.delete('content-length')
  await lists.put(request, new Response(await answer.blob(), { status: answer.status, headers }))
  const kept = await lists.keys()
  await Promise.all(kept.slice(0, Math.max(0, kept.length - MOST_LISTS)).map((one) => lists.delete(one)))
}
