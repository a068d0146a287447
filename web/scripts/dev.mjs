// The server and Vite side by side. When one ends, or somebody presses Ctrl-C, both end.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'

const binary = process.env.STARBOARD_BIN
if (!binary) throw new Error('STARBOARD_BIN names no binary: run `cargo xtask dev`')

/** The port asked for, or one nobody has. */
async function freePort() {
  if (process.env.PORT) return process.env.PORT
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  await once(probe, 'close')
  return String(port)
}

const port = await freePort()
const given = process.argv.slice(2)
const address = `http://localhost:${port}`
const started = [
  spawn(binary, given.length > 0 ? given : ['demo'], {
    stdio: 'inherit',
    env: { ...process.env, PORT: port, BIND: process.env.BIND ?? '127.0.0.1' },
  }),
  spawn('npx', ['vite'], { stdio: 'inherit', env: { ...process.env, STARBOARD: address } }),
]

function end() {
  for (const child of started) child.kill('SIGTERM')
}
process.on('SIGINT', end)
process.on('SIGTERM', end)
for (const child of started) child.on('exit', end)
const codes = await Promise.all(started.map(async (child) => (await once(child, 'exit'))[0]))
process.exitCode = codes.find((code) => code) ?? 0
