import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { minify, type Plugin } from 'vite'

/** What packing makes smaller. */
const TEXT = /\.(html|js|css|json|svg|webmanifest|txt)$/
/** Bytes under which packing is not worth a file. */
const SMALL = 1024

/** Scripts that stand beside the page under their own names: the bundler hands them on as they are. */
const BESIDE = ['sw.js', 'theme.js']

/** Makes the scripts beside the page small, and writes `.br` and `.gz` beside every file of the bundle that packing makes smaller. */
export function pack(): Plugin {
  let folder = 'dist'
  return {
    name: 'pack',
    apply: 'build',
    configResolved: (config) => void (folder = resolve(config.root, config.build.outDir)),
    async writeBundle() {
      await Promise.all(BESIDE.map((name) => shorten(join(folder, name))))
      const files = await readdir(folder, { recursive: true, withFileTypes: true })
      const texts = files.filter((file) => file.isFile() && TEXT.test(file.name))
      await Promise.all(texts.map((file) => packOne(join(file.parentPath, file.name))))
    },
  }
}

async function shorten(path: string): Promise<void> {
  const { code, errors } = await minify(path, await readFile(path, 'utf8'))
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`)
  await writeFile(path, code)
}

async function packOne(path: string): Promise<void> {
  const text = await readFile(path)
  if (text.length < SMALL) return
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: text.length } }
  const [brotli, gzipped] = await Promise.all([
    promisify(brotliCompress)(text, quality),
    promisify(gzip)(text, { level: 9 }),
  ])
  if (brotli.length < text.length) await writeFile(`${path}.br`, brotli)
  if (gzipped.length < text.length) await writeFile(`${path}.gz`, gzipped)
}
