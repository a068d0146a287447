// Weighs the bundle, packed by gzip: what the live page needs before it is whole, and what each
// other page adds to that at most, with everything it may fetch later. Fails over the budget.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const KB = 1000
const FIRST_LOAD = 120 * KB
const ANY_PAGE = 45 * KB

const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))

/** Sources the live page fetches at once: scripts, styles and the sky's data. The timeline waits until it is scrolled to; where a chunk holds more than one, it has the name alone. */
const AT_ONCE = ['src/live/LivePage.vue', 'src/sky/SkyMap.vue', 'src/sky/data/sky.json']
/** Scripts beside the bundle that every page fetches. `sw.js` comes when the page stands already. */
const BESIDE = ['theme.js']

/** Files of a part and of all it imports; with `later`, also of what it may fetch later. */
function filesOf(key, later, seen = new Set(), files = new Set()) {
  const part = manifest[key]
  if (!part || seen.has(key)) return files
  seen.add(key)
  for (const file of [part.file, ...(part.css ?? []), ...(part.assets ?? [])]) files.add(file)
  const next = [...(part.imports ?? []), ...(later ? (part.dynamicImports ?? []) : [])]
  for (const one of next) filesOf(one, later, seen, files)
  return files
}

function weightOf(file) {
  return gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length
}

function weight(files) {
  return [...files].reduce((sum, file) => sum + weightOf(file), 0)
}

const first = new Set(BESIDE)
for (const name of ['index.html', ...AT_ONCE]) {
  const chunk = name.replace(/^.*\/|\.\w+$/g, '')
  const key = name in manifest ? name : Object.keys(manifest).find((key) => manifest[key].name === chunk)
  if (!key) throw new Error(`the bundle has no chunk ${name}: mend AT_ONCE in scripts/budgets.mjs`)
  for (const file of filesOf(key, false)) first.add(file)
}

const rows = [['the live page', weight(first), FIRST_LOAD]]
for (const page of manifest['index.html'].dynamicImports ?? []) {
  // A part the board opens later is part of no page's first sight, but is weighed as one.
  const more = [...filesOf(page, true, new Set(['index.html']))].filter((file) => !first.has(file))
  rows.push([page.replace(/^src\//, ''), weight(more), ANY_PAGE])
}

if (process.argv.includes('--files')) {
  const parts = [...first].map((file) => [weightOf(file), file]).sort(([a], [b]) => b - a)
  for (const [bytes, file] of parts) console.log(`${(bytes / KB).toFixed(1).padStart(7)}  ${file}`)
}

let over = 0
for (const [name, bytes, budget] of rows) {
  const verdict = bytes > budget ? '  OVER' : ''
  if (verdict) over += 1
  console.log(`${(bytes / KB).toFixed(1).padStart(7)} of ${budget / KB} kB  ${name}${verdict}`)
}
if (over > 0) {
  console.error(`${over} over the budget`)
  process.exitCode = 1
}
