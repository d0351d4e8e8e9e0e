import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { openDuckdb } from '../warehouse/duckdb/duckdb-warehouse.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { readCases } from './cases.ts'
import { loadConnectors } from './connector.ts'
import { playCase } from './play-case-contract.ts'

const connectors = [...(await loadConnectors()).values()]
const all = await Promise.all(
  connectors.map(async (connector) => ({ connector, files: await readCases(connector.folder) })),
)

let dir: string
let warehouse: Warehouse

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'muster-cases-'))
  warehouse = await openDuckdb({ path: join(dir, 'w.duckdb'), scratch: join(dir, 'scratch'), data: join(dir, 'data') })
})

afterAll(async () => {
  await warehouse[Symbol.asyncDispose]()
  await rm(dir, { recursive: true })
})

describe.each(all)('$connector.name', ({ connector, files }) => {
  describe.each(files)('$name', ({ settings, cases }) => {
    test.each(cases)('$name', (recorded) => playCase(warehouse, connector, settings, recorded))
  })
})
