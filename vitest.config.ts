import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { patient } from './src/core/test/patience.ts'

// One seed for all properties of a run. A failing property prints how to replay it.
const seed = process.env.MUSTER_SEED ?? String(Math.trunc(Math.random() * 2 ** 31))

// Hundreds of processes are started: they compile the same modules once.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/compiled')

const TESTS = '**/*.test.{ts,tsx}'
/** Folders that know no engine. */
const UNITS = `{connectors,examples,src/{api,cli,core,delivery,event,gateway,identity,log,project,server}}/${TESTS}`

export default defineConfig({
  test: {
    setupFiles: ['test/setup.ts'],
    env: { MUSTER_SEED: seed, TZ: 'UTC' },
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: patient(20_000),
    hookTimeout: 30_000,
    exclude: ['**/node_modules/**', '**/dist/**', '**/.muster/**', 'test/long/**'],
    projects: [
      {
        extends: true,
        // A process takes one file after the other, and loads what they share once.
        test: { name: 'units', include: [UNITS], isolate: false },
      },
      {
        extends: true,
        test: {
          name: 'engines',
          // DuckDB and Postgres are native: a process a file keeps a crash or a leaked handle to the file that caused it.
          isolate: true,
          include: [`{src,test}/${TESTS}`],
          exclude: [UNITS, '**/node_modules/**', '**/dist/**', '**/.muster/**', 'test/long/**'],
          globalSetup: ['test/postgres/setup.ts'],
        },
      },
    ],
  },
})
