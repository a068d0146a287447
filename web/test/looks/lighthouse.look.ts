import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Server } from '../harness/server'

/** A version that runs on the oldest Node.js we build with. */
const LIGHTHOUSE = 'lighthouse@12'
const CATEGORIES = ['performance', 'accessibility', 'best-practices'] as const
/** Points of a hundred. */
const AT_LEAST = 95

let server: Server
let folder: string

beforeAll(async () => {
  server = await Server.demo()
  folder = mkdtempSync(join(tmpdir(), 'starboard-lighthouse-'))
})

afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('Lighthouse gives the live page at least 95 points of a hundred', () => {
  const report = join(folder, 'report.json')
  const flags = '--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'
  const args = [
    ...['--yes', LIGHTHOUSE, server.url, '--preset=desktop', '--quiet', '--output=json', `--output-path=${report}`],
    ...[`--only-categories=${CATEGORIES.join(',')}`, `--chrome-flags=${flags}`],
  ]
  const env = { ...process.env, CHROME_PATH: process.env.CHROMIUM ?? '/usr/bin/chromium' }
  const ran = spawnSync('npx', args, { env, encoding: 'utf8' })
  if (ran.status !== 0) throw new Error(`lighthouse failed: ${ran.stderr}`)
  interface Report {
    categories: Record<string, { score: number }>
    audits: Record<string, { id: string; title: string; score: number | null; displayValue?: string }>
  }
  const { categories, audits } = JSON.parse(readFileSync(report, 'utf8')) as Report
  const scores = CATEGORIES.map((name) => [name, Math.round((categories[name]?.score ?? 0) * 100)] as const)
  for (const [name, score] of scores) console.log(`${String(score).padStart(4)}  ${name}`)
  for (const { id, score, displayValue } of Object.values(audits)) {
    if (score !== null && score < 0.9) console.log(`      ${id} ${score} ${displayValue ?? ''}`)
  }

  for (const [name, score] of scores) expect(score, name).toBeGreaterThanOrEqual(AT_LEAST)
})
