import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Longest wait for anything a test expects to happen, milliseconds. Generous: machines are busy. */
export const PATIENCE = 60_000

/** The real binary: what `STARBOARD_BIN` names, else the debug build beside us. */
function binary(): string {
  const target = process.env.CARGO_TARGET_DIR ?? resolve(import.meta.dirname, '../../../target')
  const path = process.env.STARBOARD_BIN ?? join(target, 'debug/starboard')
  if (!existsSync(path)) throw new Error(`no binary at ${path}: run \`cargo build -p app\`, or set STARBOARD_BIN`)
  return path
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

/** A running Starboard on a port of its own, its files in a folder of its own. */
export class Server {
  #child: ChildProcess | null = null
  #said = ''

  private constructor(
    private readonly command: string,
    readonly port: number,
    private readonly folder: string,
  ) {}

  /** Plays the demo; every source has told its first. */
  static async demo(): Promise<Server> {
    const server = await Server.#started('demo')
    const until = Date.now() + PATIENCE
    for (;;) {
      const { items } = await server.json<{ items: { last_success: string | null }[] }>('/api/sources')
      if (items.every((source) => source.last_success !== null)) return server
      if (Date.now() > until) throw new Error(`a source of the demo does not answer: ${server.#said}`)
      await sleep(100)
    }
  }

  /** Serves an empty database that survives being killed, and asks no source. */
  static serve(): Promise<Server> {
    return Server.#started('serve')
  }

  static async #started(command: string): Promise<Server> {
    const folder = mkdtempSync(join(tmpdir(), 'starboard-e2e-'))
    const server = new Server(command, await freePort(), folder)
    await server.start()
    return server
  }

  /** Where it is reached. */
  get url(): string {
    return `http://localhost:${this.port}`
  }

  get #environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      TMPDIR: this.folder,
      PORT: String(this.port),
      BIND: '127.0.0.1',
      DATABASE_URL: `sqlite://${join(this.folder, 'e2e.db')}`,
      STARBOARD_SOURCES: this.command === 'serve' ? ',' : undefined,
      RUST_LOG: 'warn',
    }
  }

  /** Starts it, also again after {@link kill}, and waits until it is ready. */
  async start(): Promise<void> {
    const options = { cwd: this.folder, env: this.#environment }
    const child = spawn(binary(), [this.command], { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
    child.stderr.on('data', (text: Buffer) => (this.#said += text.toString()))
    this.#child = child
    const until = Date.now() + PATIENCE
    for (;;) {
      if (child.exitCode !== null) throw new Error(`starboard ended with ${child.exitCode}: ${this.#said}`)
      const ready = await fetch(`${this.url}/readyz`).then(
        (answer) => answer.ok,
        () => false,
      )
      if (ready) return
      if (Date.now() > until) throw new Error(`starboard is not ready: ${this.#said}`)
      await sleep(50)
    }
  }

  /** Kills it without a warning, as a machine that fails does. */
  async kill(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child?.exitCode === null) {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
  }

  /** Takes in a saved answer of a source, while the server is down. */
  takeIn(source: string, name: string, text: string): void {
    const file = join(this.folder, name)
    writeFileSync(file, text)
    const options = { cwd: this.folder, env: this.#environment, encoding: 'utf8' as const }
    const ran = spawnSync(binary(), ['fetch', source, '--file', file], options)
    if (ran.status !== 0) throw new Error(`fetch failed: ${ran.stderr}`)
  }

  /** The JSON of a path. */
  async json<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.url}${path}`)
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
    return (await answer.json()) as T
  }

  /** Ends it and removes its folder. */
  async stop(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child?.exitCode === null) {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await Promise.race([ended, sleep(10_000).then(() => child.kill('SIGKILL'))])
    }
    rmSync(this.folder, { recursive: true, force: true })
  }
}
