import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'

const code = readFileSync('public/sw.js', 'utf8')
const HOME = 'https://board.example'

/** A cache of the worker's, as far as the worker uses it. */
class FakeCache {
  readonly held = new Map<string, Response>()
  private key = (asked: string | Request) => new URL(typeof asked === 'string' ? asked : asked.url, HOME).href

  match(asked: string | Request) {
    return Promise.resolve(this.held.get(this.key(asked))?.clone())
  }

  put(asked: string | Request, answer: Response) {
    this.held.delete(this.key(asked))
    this.held.set(this.key(asked), answer)
    return Promise.resolve()
  }

  delete(asked: string | Request) {
    return Promise.resolve(this.held.delete(this.key(asked)))
  }

  keys() {
    return Promise.resolve([...this.held.keys()].map((url) => ({ url })))
  }

  async addAll(paths: string[]) {
    for (const path of paths) await this.put(path, (await network(path)).clone())
  }
}

type Listener = (event: Record<string, unknown>) => void

let listeners: Record<string, Listener>
let caches: Map<string, FakeCache>
/** What the server answers, by path; nothing: it is out of reach. */
let server: Map<string, () => Response>
let asked: string[]

function network(request: string | Request): Promise<Response> {
  const path = new URL(typeof request === 'string' ? request : request.url, HOME).pathname
  asked.push(path)
  const answer = server.get(path)
  return answer ? Promise.resolve(answer()) : Promise.reject(new TypeError('Failed to fetch'))
}

function paths(name: string): string[] {
  return [...(caches.get(name)?.held.keys() ?? [])].map((url) => new URL(url).pathname).sort()
}

async function dispatch(type: string, event: Record<string, unknown> = {}): Promise<Response | undefined> {
  const waited: Promise<unknown>[] = []
  let answer: Promise<Response> | undefined
  listeners[type]?.({
    ...event,
    waitUntil: (promise: Promise<unknown>) => waited.push(promise),
    respondWith: (promise: Promise<Response>) => (answer = promise),
  })
  const got = await answer
  await Promise.all(waited)
  return got
}

function get(path: string, more: Record<string, unknown> = {}) {
  return dispatch('fetch', { request: { method: 'GET', url: HOME + path, mode: 'cors', headers: new Headers(), ...more } })
}

const open = (path: string) => get(path, { mode: 'navigate' })
const html = (entry: string) => () =>
  new Response(`<script src="/theme.js"></script><script type="module" src="/assets/${entry}"></script>`, { headers: { 'content-type': 'text/html; charset=utf-8' } })
const script = (text: string) => () => new Response(text, { headers: { 'content-type': 'text/javascript' } })
const json = (control: string) => () => new Response('{"items":[]}', { headers: { 'content-type': 'application/json', 'cache-control': control } })

beforeEach(() => {
  listeners = {}
  caches = new Map()
  asked = []
  server = new Map([
    ['/', html('index-1.js')],
    ['/facilities', html('index-1.js')],
    ['/assets/index-1.js', script('one')],
    ['/assets/Page-1.js', script('page one')],
    ['/theme.js', script('theme')],
    ['/icon.svg', script('icon')],
    ['/manifest.webmanifest', script('manifest')],
    ['/api/facilities', json('public, max-age=5')],
    ['/api/sources', json('public, max-age=5')],
    ['/api/me', json('private, no-store')],
  ])
  const self = {
    location: { origin: HOME },
    addEventListener: (type: string, listener: Listener) => (listeners[type] = listener),
    skipWaiting: () => Promise.resolve(),
    clients: { claim: () => Promise.resolve() },
  }
  const store = {
    open(name: string) {
      const cache = caches.get(name) ?? new FakeCache()
      caches.set(name, cache)
      return Promise.resolve(cache)
    },
  }
  new Function('self', 'caches', 'fetch', code)(self, store, network)
})

describe('the service worker', () => {
  it('holds the app after its installation', async () => {
    await dispatch('install')
    expect(paths('shell')).toEqual(['/', '/icon.svg', '/manifest.webmanifest', '/theme.js'])
    expect(paths('parts')).toEqual(['/assets/index-1.js'])
  })

  it('opens any page of the app without a network', async () => {
    await dispatch('install')
    server.clear()
    expect(await (await open('/facilities/HST'))?.text()).toContain('index-1.js')
    expect(await (await get('/assets/index-1.js'))?.text()).toBe('one')
    expect(await (await get('/theme.js'))?.text()).toBe('theme')
  })

  it('opens it too while a proxy answers in the server’s place', async () => {
    await dispatch('install')
    server.set('/facilities', () => new Response('Bad gateway', { status: 502 }))
    expect((await open('/facilities'))?.status).toBe(200)
  })

  it('shows a new version at the first request after a deploy, and lets go of the old parts', async () => {
    await dispatch('install')
    await get('/assets/Page-1.js')
    expect(paths('parts')).toEqual(['/assets/Page-1.js', '/assets/index-1.js'])
    server.set('/', html('index-2.js')).set('/assets/index-2.js', script('two'))
    server.delete('/assets/index-1.js')
    expect(await (await open('/'))?.text()).toContain('index-2.js')
    expect(paths('parts')).toEqual(['/assets/index-2.js'])
    server.clear()
    expect(await (await open('/'))?.text()).toContain('index-2.js')
  })

  it('says that a part is gone when the server says so', async () => {
    server.set('/assets/Page-0.js', () => new Response('', { status: 404 }))
    expect((await get('/assets/Page-0.js'))?.status).toBe(404)
    expect(paths('parts')).toEqual([])
  })

  it('keeps what the page had loaded before, and nothing of other places', async () => {
    await dispatch('message', { data: { type: 'keep', urls: [`${HOME}/assets/Page-1.js`, `${HOME}/api/me`, 'https://elsewhere.example/assets/x.js'] } })
    expect(paths('parts')).toEqual(['/assets/Page-1.js'])
  })

  it('asks the server first for lists, and marks those it kept with their time', async () => {
    const fresh = await get('/api/facilities')
    expect(fresh?.headers.has('x-starboard-stored')).toBe(false)
    await get('/api/facilities')
    expect(asked.filter((path) => path === '/api/facilities')).toHaveLength(2)
    server.clear()
    const kept = await get('/api/facilities')
    expect(Date.parse(kept?.headers.get('x-starboard-stored') ?? '')).not.toBeNaN()
    expect(await kept?.json()).toEqual({ items: [] })
  })

  it('keeps nothing private', async () => {
    server.set('/api/sites', json('private, no-store'))
    await get('/api/sites')
    await get('/api/me')
    await get('/api/sources', { headers: new Headers({ authorization: 'Bearer x' }) })
    expect(paths('lists')).toEqual([])
  })

  it('leaves the board, writes and pages of the server’s own making alone', async () => {
    for (const path of ['/api/activities', '/api/me', '/api/now']) expect(await get(path)).toBeUndefined()
    for (const path of ['/outbox', '/verify/abc', '/unsubscribe/abc', '/lite', '/api/docs']) expect(await open(path)).toBeUndefined()
    expect(await get('/api/facilities', { method: 'POST' })).toBeUndefined()
    expect(await dispatch('fetch', { request: { method: 'GET', url: 'https://elsewhere.example/', mode: 'navigate' } })).toBeUndefined()
  })

  it('fails as the network does when it holds nothing', async () => {
    server.clear()
    expect((await open('/'))?.type).toBe('error')
    await expect(get('/api/facilities')).rejects.toThrow('Failed to fetch')
  })
})
