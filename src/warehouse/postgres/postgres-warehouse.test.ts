import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { freshDatabase } from '../../../test/postgres/database.ts'
import { changesContract } from '../changes.contract.ts'
import { warehouseContract } from '../warehouse.contract.ts'
import { openPostgres } from './postgres-warehouse.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'muster-postgres-test-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

const open = async (url?: string) =>
  openPostgres({ url: url ?? (await freshDatabase()), scratch: join(root, 'scratch'), data: join(root, 'data') })

describe('Postgres', () => {
  warehouseContract(() => open())
  changesContract(() => open())
})
