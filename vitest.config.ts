import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// One seed for all properties of a run. A failing property prints how to replay it.
const seed = process.env.MUSTER_SEED ?? String(Math.trunc(Math.random() * 2 ** 31))

/** `npm run long -- properties` runs each property 50 times longer (test/setup.ts). */
const patience = process.env.MUSTER_LONG === undefined ? 1 : 50

// Hundreds of processes are started: they compile the same modules once.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/compiled')

export default defineConfig({
  test: {
    include: ['{src,connectors,test,examples}/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/.muster/**', 'test/long/**'],
    globalSetup: ['test/postgres/setup.ts'],
    setupFiles: ['test/setup.ts'],
    env: { MUSTER_SEED: seed, TZ: 'UTC' },
    // DuckDB and Postgres are native: a process a file keeps a crash or a leaked handle to the file that caused it.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000 * patience,
    hookTimeout: 30_000,
  },
})
