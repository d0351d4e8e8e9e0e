/**
 * Data files: DuckDB reads them within this process, so that a file has the same columns and types on every engine.
 */
import { openDuckdb } from '../duckdb/duckdb-warehouse.ts'
import { columnTypeOf } from '../duckdb/values.ts'
import type { ColumnType, DataFile, FileFormat } from '../warehouse.ts'
import type { PostgresSession } from './session.ts'

export interface DataFolders {
  /** For what does not fit into memory. */
  readonly scratch: string
  /** The only folder that is read. */
  readonly data: string
}

const MEMORY = '512MB'

/** Copies a file into a staged table of the session. Throws `warehouse_refused` when it cannot be read. */
export async function stageFile(
  folders: DataFolders,
  session: PostgresSession,
  path: string,
  format: FileFormat,
  text: readonly string[],
): Promise<DataFile> {
  await using reader = await openDuckdb({ ...folders, path: ':memory:', memoryLimit: MEMORY })
  return await reader.session(async (file) => {
    const { relation, columns } = await file.readFile(path, format, text)
    const read = await file.query<{ column_name: string; column_type: string }>(`describe select * from ${relation}`)
    const types = Object.fromEntries(read.map((column) => [column.column_name, typeOf(column.column_type)]))
    const selected = read.map(({ column_name, column_type }) => {
      const name = reader.dialect.identifier(column_name)
      const value = typeOf(column_type) === 'json' ? `to_json(${name})` : name
      return `cast(${value} as varchar) as ${name}`
    })
    const staged = await session.makeStaged(types)
    for await (const rows of file.stream<Record<string, string | null>>(
      `select ${selected.join(', ')} from ${relation}`,
    )) {
      await session.append(
        staged,
        types,
        rows.map((row) => Object.values(row)),
      )
    }
    return { relation: staged, columns }
  })
}

/** What has members is JSON where there are no types of its own. */
function typeOf(duckdbType: string): ColumnType {
  return /^(STRUCT|MAP|UNION)|\]$/.test(duckdbType) ? 'json' : columnTypeOf(duckdbType)
}
