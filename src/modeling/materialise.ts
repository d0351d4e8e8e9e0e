import { MusterError } from '../core/errors.ts'
import { type Entity, TRAIT_TABLES } from '../project/entity.ts'
import { quoted } from '../warehouse/names.ts'
import type { Session, Warehouse } from '../warehouse/warehouse.ts'

export interface Materialisation {
  /** `models.usage`, for messages, with its file. */
  readonly id: string
  readonly file: string
  /** Physical. */
  readonly schema: string
  readonly name: string
  readonly materialize: 'view' | 'table'
  /** Rewritten for the run. */
  readonly sql: string
  /** Whose each row must be, once; absent: rows may be anything. */
  readonly grain: Entity | undefined
}

/**
 * Builds a definition and swaps it in; gives the rows of a table, nothing of a view. When the SELECT fails or the grain
 * is broken (`grain_broken`), what was there before stays.
 */
export async function materialise(warehouse: Warehouse, definition: Materialisation): Promise<number | undefined> {
  const { dialect } = warehouse
  const name = quoted(dialect, definition.schema, definition.name)
  return warehouse.transaction('build', async (session) => {
    await session.run(`create schema if not exists ${dialect.identifier(definition.schema)}`)
    const { materialize: kind, schema, sql } = definition
    await session.replace({ kind, schema, name: definition.name, sql })
    if (definition.grain) await requireGrain(session, definition, definition.grain, name)
    if (definition.materialize === 'view') return undefined
    const [counted] = await session.query<{ rows: number }>(`select count(*) as rows from ${name}`)
    return counted?.rows ?? 0
  })
}

/** Refuses a relation of which the entity's key is missing, null or not unique; says which, for example. */
async function requireGrain(
  session: Session,
  { id, file, schema, name }: Materialisation,
  entity: Entity,
  table: string,
): Promise<void> {
  const { key, one } = TRAIT_TABLES[entity]
  const columns = await session.query(
    `select 1 from information_schema.columns
     where table_schema = $1 and table_name = $2 and lower(column_name) = $3`,
    [schema, name, key],
  )
  if (columns.length === 0) {
    throw new MusterError(
      'grain_broken',
      `${id} (${file}) has no column ${key}, so its rows cannot be told apart by ${one}.`,
    )
  }
  const [nulls] = await session.query<{ rows: number }>(`select count(*) as rows from ${table} where ${key} is null`)
  if (nulls && nulls.rows > 0) {
    throw new MusterError('grain_broken', `${nulls.rows} rows of ${id} (${file}) have no ${key}.`, {
      hint: `Leave them out with \`where ${key} is not null\`.`,
    })
  }
  const repeated = await session.query<{ key: unknown; rows: number }>(
    `select ${key} as key, count(*) as rows from ${table} group by 1 having count(*) > 1 order by 2 desc, 1 limit 3`,
  )
  if (repeated.length === 0) return
  const examples = repeated.map(({ key: value, rows }) => `${one} ${value} in ${rows} rows`).join(', ')
  throw new MusterError('grain_broken', `${id} (${file}) gives several rows for one ${one}: ${examples}.`, {
    hint: `A join multiplies the rows; \`group by ${key}\` leaves one row each.`,
  })
}
