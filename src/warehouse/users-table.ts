import type { Dialect } from './dialect.ts'
import type { Columns } from './event-schema.ts'
import type { Session } from './warehouse.ts'

/**
 * Rebuilds the `users` rows of the users named: per trait the non-null value with the highest timestamp, then
 * the later position. Read from `identifies`, so the order in which events arrived does not matter.
 */
export async function refreshUsers(
  session: Session,
  dialect: Dialect,
  schema: string,
  users: readonly object[],
  columns: Columns,
): Promise<void> {
  const place = (table: string) => `${dialect.identifier(schema)}.${dialect.identifier(table)}`
  const { relation } = await session.stage({ id: 'string' }, users)
  const ids = `select distinct id from ${relation}`
  const traits = [...columns.keys()].filter((column) => column !== 'id')
  const latest = traits.map((column) => {
    const quoted = dialect.identifier(column)
    return `last(${quoted} order by timestamp, _position) filter (where ${quoted} is not null)`
  })
  await session.run(`delete from ${place('users')} where id in (${ids})`)
  await session.run(
    `insert into ${place('users')} (id, ${traits.map(dialect.identifier).join(', ')})
     select user_id, ${latest.join(', ')} from ${place('identifies')} where user_id in (${ids}) group by user_id`,
  )
}
