import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { oddEventsContract } from '../odd-events.contract.ts'
import { openDuckdb } from './duckdb-warehouse.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'muster-odd-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

describe('DuckDB', () => {
  oddEventsContract(() =>
    openDuckdb({
      path: join(root, 'warehouse.duckdb'),
      scratch: join(root, 'scratch'),
      data: join(root, 'data'),
      memoryLimit: '512MB',
    }),
  )
})
