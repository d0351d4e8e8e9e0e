import type { Dialect } from './dialect.ts'
import type { Columns } from './event-schema.ts'
import { quoted } from './names.ts'
import type { Session } from './warehouse.ts'

export interface UsersTable {
  readonly schema: string
  readonly users: Columns
  readonly identifies: Columns
}

/**
 * Rebuilds the rows of `users` with these ids: per trait the non-null value with the highest timestamp, then the later
 * position. Read from `identifies`, so the order in which events arrived does not matter.
 */
export async function refreshUsers(
  session: Session,
  dialect: Dialect,
  { schema, users, identifies }: UsersTable,
  ids: ReadonlySet<string>,
): Promise<void> {
  const { relation } = await session.stage(
    { id: 'string' },
    [...ids].map((id) => ({ id })),
  )
  const traits = [...users].filter(([column]) => column !== 'id' && identifies.has(column))
  const latest = traits.map(([column, type]) => {
    const name = dialect.identifier(column)
    const value = dialect.last(name, ['"timestamp"', '_position', 'id'], `${name} is not null`)
    return identifies.get(column) === type ? value : dialect.tryCast(value, type)
  })
  const table = quoted(dialect, schema, 'users')
  const names = traits.map(([column]) => dialect.identifier(column))
  await session.run(`delete from ${table} where id in (select id from ${relation})`)
  await session.run(
    `insert into ${table} (${['id', ...names].join(', ')})
     select ${['user_id', ...latest].join(', ')} from ${quoted(dialect, schema, 'identifies')}
     where user_id in (select id from ${relation}) group by user_id`,
  )
}
