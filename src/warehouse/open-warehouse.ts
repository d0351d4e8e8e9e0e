import { join } from 'node:path'
import type { Project } from '../project/index.ts'
import { openDuckdb } from './duckdb/duckdb-warehouse.ts'
import { openPostgres } from './postgres/postgres-warehouse.ts'
import type { Warehouse } from './warehouse.ts'

/**
 * Opens the warehouse a project names. Throws `warehouse_locked`, `warehouse_unreadable`, `warehouse_failed`,
 * `folder_unwritable`.
 */
export function openWarehouse({ warehouse, root }: Project): Promise<Warehouse> {
  const folders = { scratch: join(root, '.muster', 'scratch'), data: join(root, 'data') }
  switch (warehouse.engine) {
    case 'duckdb':
      return openDuckdb({ ...warehouse, ...folders })
    case 'postgres':
      return openPostgres({ ...warehouse, ...folders })
  }
}
