import type { Page, WebSocketRoute } from 'playwright-core'
import type { Activity } from '@/api/types'
import type { Server } from './server'

/** Frames of the live protocol between two keep-alives. */
const BETWEEN = 25

/**
 * A page's world, composed: its list of activities and its live feed come from here, everything else from the server.
 */
export class Simulated {
  readonly activities: Activity[] = []
  #socket: WebSocketRoute | null = null
  #seq = 1
  #time: number
  #random = 20_261_121

  private constructor(
    private readonly template: Activity,
    count: number,
    start: number,
  ) {
    this.#time = start
    for (let number = 0; number < count; number += 1) this.activities.push(this.#made(number))
  }

  /** Puts a page into a world of so many activities, a hundredth of which runs. */
  static async begin(page: Page, server: Server, count: number): Promise<Simulated> {
    const { items } = await server.json<{ items: Activity[] }>('/api/activities?limit=1&facility=JWST&intent=science')
    const [template] = items
    if (!template) throw new Error('the server shows no activity to compose others from')
    const world = new Simulated(template, count, Date.now())
    await page.route(/\/api\/activities(\?|$)/, async (route) => {
      const url = new URL(route.request().url())
      const from = Number(url.searchParams.get('cursor') ?? 0)
      const states = url.searchParams.getAll('status')
      const wanted = world.activities.filter((one) => states.length === 0 || states.includes(one.status))
      const limit = Number(url.searchParams.get('limit') ?? 50)
      const next = from + limit < wanted.length ? String(from + limit) : null
      await route.fulfill({ json: { items: wanted.slice(from, from + limit), next, seq: world.#seq } })
    })
    await page.routeWebSocket(/\/api\/activities\/live/, (socket) => {
      world.#socket = socket
      world.#send({ type: 'open', log: 'simulated', seq: world.#seq, since: null, time: world.#now, keepalive_s: 25 })
    })
    return world
  }

  get #now(): string {
    return new Date(this.#time).toISOString()
  }

  /** The same numbers in every run. */
  #dice(): number {
    this.#random = (this.#random * 1_103_515_245 + 12_345) % 2_147_483_648
    return this.#random / 2_147_483_648
  }

  #made(number: number): Activity {
    const running = number % 100 === 0
    const start = this.#time + (running ? -600_000 : 60_000 + this.#dice() * 80_000_000)
    return {
      ...this.template,
      id: `01900000-0000-7000-8000-${String(number).padStart(12, '0')}`,
      obs_id: `${number}:1:1`,
      seq: this.#seq,
      status: running ? 'in_progress' : 'scheduled',
      basis: 'scheduled',
      target_name: `Field ${number}`,
      s_ra: this.#dice() * 360,
      s_dec: (Math.asin(this.#dice() * 2 - 1) * 180) / Math.PI,
      t_min: new Date(start).toISOString(),
      t_max: new Date(start + 1_200_000).toISOString(),
    } as Activity
  }

  #send(frame: object): void {
    this.#socket?.send(JSON.stringify(frame))
  }

  /** Lets time pass, and the next of the activities start, end or be made, in turn. */
  happen(milliseconds: number): void {
    this.#time += milliseconds
    this.#seq += 1
    const index = this.#seq % this.activities.length
    const before = this.activities[index]
    if (!before) return
    const turn: Partial<Record<string, [string, string]>> = {
      scheduled: ['in_progress', 'started'],
      in_progress: ['elapsed', 'ended'],
    }
    const [status, event] = turn[before.status] ?? ['scheduled', 'scheduled']
    const fresh = status === 'scheduled' ? this.#made(this.#seq + 1_000_000) : before
    const moved = status === 'in_progress' ? { t_min: this.#now, t_max: new Date(this.#time + 1_200_000).toISOString() } : status === 'elapsed' ? { t_max: this.#now } : {}
    const activity = { ...fresh, ...moved, status: status === 'scheduled' ? 'scheduled' : status, seq: this.#seq } as Activity
    this.activities[index] = activity
    this.#send({ type: 'activity', seq: this.#seq, event, at: this.#now, logged: this.#now, backfill: false, activity })
    if (this.#seq % BETWEEN === 0) this.#send({ type: 'keepalive', seq: this.#seq, time: this.#now })
  }
}
