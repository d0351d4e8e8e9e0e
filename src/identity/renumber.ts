/**
 * Renumbering: when the rules by which owners are found change, rows that landed before get the owners of the new ones.
 */
import type { Dialect } from '../warehouse/dialect.ts'
import { type Names, quoted } from '../warehouse/names.ts'
import type { Session } from '../warehouse/warehouse.ts'
import { numberIdentifiers } from './identifiers.ts'
import type { Normaliser } from './normalise.ts'
import type { TableColumns } from './sources.ts'

/** Gives the rows of event tables (`schema.table`) the owners that the rules say now. Within the load lane. */
export async function renumberOwners(
  session: Session,
  { dialect, names, normalise }: { dialect: Dialect; names: Names; normalise: Normaliser },
  tables: TableColumns,
  eventTables: readonly string[],
): Promise<void> {
  for (const id of eventTables) {
    const [schema = '', name = ''] = id.split('.', 2)
    const table = quoted(dialect, schema, name)
    const column = (wanted: string) => (tables.get(id)?.has(wanted) ? wanted : 'cast(null as varchar)')
    const [user, anonymous] = [column('user_id'), column('anonymous_id')]
    const [normalUser, normalAnonymous] = [normalise('user_id', 'u'), normalise('anonymous_id', 'a')]
    await session.run(
      `create temp table row_owners as select u, a, case when ${normalUser} is not null then 'user_id' else 'anonymous_id' end as type,
         coalesce(${normalUser}, ${normalAnonymous}) as value
       from (select distinct coalesce(${user}, '') as u, coalesce(${anonymous}, '') as a from ${table}) d`,
    )
    await numberIdentifiers(session, dialect, names, 'select type, value from row_owners')
    await session.run(
      `update ${table} set _identifier = o.id from
         (select r.u, r.a, i.id from row_owners r left join ${names.table('identity', 'identifiers')} i on i.type = r.type and i.value = r.value) o
       where coalesce(${user}, '') = o.u and coalesce(${anonymous}, '') = o.a and ${table}._identifier is distinct from o.id`,
    )
    await session.run('drop table row_owners')
  }
}
