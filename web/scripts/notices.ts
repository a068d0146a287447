import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'
import { shipped } from './shipped.mjs'

/** Of the stars and constellations, which are data and no package. */
const SKY = new URL('../src/sky/data/NOTICE.txt', import.meta.url)

/** Writes `licences.txt`: what the packages and the data in the bundle ask to be told along with them. */
export function notices(): Plugin {
  return {
    name: 'notices',
    apply: 'build',
    generateBundle(_, bundle) {
      const modules = Object.values(bundle).flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []))
      const inside = new Set(modules.map((id) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(id)?.[1]))
      const packages = shipped().filter(({ name }) => inside.has(name))
      const parts = packages.map(({ name, version, licence, text }) =>
        [`${name} ${version} (${licence})`, text].filter(Boolean).join('\n\n'),
      )
      parts.push(`d3-celestial, data of stars and constellations (BSD-3-Clause)\n\n${readFileSync(SKY, 'utf8').trim()}`)
      const source = `${parts.join(`\n\n${'-'.repeat(72)}\n\n`)}\n`
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source })
    },
  }
}
