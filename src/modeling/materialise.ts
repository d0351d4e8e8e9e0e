import { MusterError } from '../core/errors.ts'
import { quoted } from '../warehouse/names.ts'
import type { Session, Warehouse } from '../warehouse/warehouse.ts'

export interface Materialisation {
  /** Physical. */
  readonly schema: string
  readonly name: string
  readonly materialize: 'view' | 'table'
  /** Rewritten for the run. */
  readonly sql: string
}

/** Builds a model beside what is there and swaps it in; gives the rows of a table, nothing of a view. */
export async function materialise(warehouse: Warehouse, model: Materialisation): Promise<number | undefined> {
  const { dialect } = warehouse
  const name = quoted(dialect, model.schema, model.name)
  return warehouse.transaction('build', async (session) => {
    await session.run(`create schema if not exists ${dialect.identifier(model.schema)}`)
    await dropOtherKind(session, model, name)
    await session.run(`create or replace ${model.materialize} ${name} as ${model.sql}`)
    if (model.materialize === 'view') return undefined
    const [counted] = await session.query<{ rows: number }>(`select count(*) as rows from ${name}`)
    return counted?.rows ?? 0
  })
}

async function dropOtherKind(session: Session, { schema, name, materialize }: Materialisation, quotedName: string) {
  const [existing] = await session.query<{ type: string }>(
    'select table_type as type from information_schema.tables where table_schema = $1 and table_name = $2',
    [schema, name],
  )
  if (!existing) return
  const isView = existing.type === 'VIEW'
  if (isView !== (materialize === 'view')) await session.run(`drop ${isView ? 'view' : 'table'} ${quotedName}`)
}

/** Refuses a relation of which `profile_id` is missing, null or not unique; says which profiles, for example. */
export async function checkProfileGrain(warehouse: Warehouse, id: string, table: string, file: string): Promise<void> {
  await warehouse.session(async (session) => {
    const columns = await session.query<{ column_name: string }>(`describe ${table}`)
    if (!columns.some(({ column_name }) => column_name === 'profile_id')) {
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
    if (repeated.length > 0) {
      const examples = repeated.map(({ profile_id, rows }) => `profile ${profile_id} in ${rows} rows`).join(', ')
      throw new MusterError('grain_broken', `${id} (${file}) gives several rows for one profile: ${examples}.`, {
        hint: 'A join multiplies the rows; aggregate to one row a profile.',
      })
    }
  })
}
