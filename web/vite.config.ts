import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { notices } from './scripts/notices.ts'
import { pack } from './scripts/pack.ts'

/** The server that `vite` hands everything to that is not the app's own. */
const server = process.env.STARBOARD ?? 'http://localhost:8080'
const handed = ['/api', '/outbox', '/verify', '/reset', '/unsubscribe', '/lite', '/plain.css', '/healthz', '/readyz', '/metrics']

/** The version of the workspace, which the server has as well. */
const workspace = readFileSync(new URL('../Cargo.toml', import.meta.url), 'utf8')
const version = /^version = "(.+)"$/m.exec(workspace)?.[1] ?? ''

/** What every page needs: one chunk packs smaller than thirty. */
const BASE = /node_modules\/(?!d3-)|preload-helper|\/src\/(ui\/(?!(ModalDialog|FieldRow|CopyButton|Sparkline)\.)|api\/|time\/|app\/leaving\.|messages\/(frame|live|activity)\.|live\/(filter|place|saying|catalogue)\.)/

/** What forms, dialogs and records need: fetched with the first page that has one. */
const PARTS = /\/src\/ui\/(ModalDialog|FieldRow|CopyButton|Sparkline)\./

/** Regions, as every map and every filter reads them. */
const SHAPES = /\/src\/sky\/(geometry|parsing)\./

export default defineConfig({
  define: { __STARBOARD_VERSION__: JSON.stringify(version) },
  plugins: [vue({ features: { optionsAPI: false } }), notices(), pack()],
  resolve: { alias: { '@': fileURLToPath(new URL('src', import.meta.url)) } },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The budgets are told by it which files belong to which page.
    manifest: true,
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'base', test: BASE }, { name: 'parts', test: PARTS }, { name: 'shapes', test: SHAPES }] } } },
  },
  server: {
    proxy: Object.fromEntries(handed.map((path) => [path, { target: server, ws: true }])),
  },
  test: {
    projects: [
      {
        extends: true,
        test: { name: 'unit', environment: 'jsdom', include: ['test/unit/**/*.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          expect: { poll: { timeout: 60_000, interval: 200 } },
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'looks',
          environment: 'node',
          include: ['test/looks/**/*.look.ts'],
          fileParallelism: false,
          testTimeout: 1_800_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
