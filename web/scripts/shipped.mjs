import { existsSync, readdirSync, readFileSync } from 'node:fs'

const web = new URL('../', import.meta.url)

/**
 * The packages whose code may be in the bundle: everything the lock file does not call development.
 */
export function shipped() {
  const lock = JSON.parse(readFileSync(new URL('package-lock.json', web), 'utf8'))
  return Object.entries(lock.packages)
    .filter(([path, entry]) => path !== '' && !entry.dev && !entry.optional && !entry.devOptional)
    .map(([path, entry]) => ({
      name: path.replace(/^.*node_modules\//, ''),
      version: entry.version,
      licence: entry.license ?? 'unknown',
      text: textOf(new URL(`${path}/`, web)),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The licence file of an installed package, empty where it has none. */
function textOf(folder) {
  if (!existsSync(folder)) return ''
  const name = readdirSync(folder).find((file) => /^licen[cs]e(\.(md|txt))?$/i.test(file))
  return name ? readFileSync(new URL(name, folder), 'utf8').trim() : ''
}
