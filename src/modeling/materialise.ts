import { MusterError } from '../core/errors.ts'
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
  /** Each row must be a profile. */
  readonly profileGrain: boolean
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
    if (definition.profileGrain) await requireProfileGrain(session, definition, name)
    if (definition.materialize === 'view') return undefined
    const [counted] = await session.query<{ rows: number }>(`select count(*) as rows from ${name}`)
    return counted?.rows ?? 0
  })
}

/** Refuses a relation of which `profile_id` is missing, null or not unique; says which profiles, for example. */
async function requireProfileGrain(
  session: Session,
  { id, file, schema, name }: Materialisation,
  table: string,
): Promise<void> {
  const columns = await session.query(
    `select 1 from information_schema.columns
     where table_schema = $1 and table_name = $2 and lower(column_name) = 'profile_id'`,
    [schema, name],
  )
  if (columns.length === 0) {
    throw new MusterError(
      'grain_broken',
      `${id} (${file}) has no column profile_id, so its rows cannot be told apart by profile.`,
    )
  }
  const [nulls] = await session.query<{ rows: number }>(
    `select count(*) as rows from ${table} where profile_id is null`,
  )
  if (nulls && nulls.rows > 0) {
    throw new MusterError('grain_broken', `${nulls.rows} rows of ${id} (${file}) have no profile_id.`, {
      hint: 'Leave them out with `where profile_id is not null`.',
    })
  }
  const repeated = await session.query<{ profile_id: unknown; rows: number }>(
    `select profile_id, count(*) as rows from ${table} group by 1 having count(*) > 1 order by 2 desc, 1 limit 3`,
  )
  if (repeated.length === 0) return
  const examples = repeated.map(({ profile_id, rows }) => `profile ${profile_id} in ${rows} rows`).join(', ')
  throw new MusterError('grain_broken', `${id} (${file}) gives several rows for one profile: ${examples}.`, {
    hint: 'A join multiplies the rows; aggregate to one row a profile.',
  })
}
