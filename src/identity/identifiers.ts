/**
 * Identifiers: (type, value) pairs, the nodes of the identity graph. This is the only place that numbers them.
 */
import type { Dialect } from '../warehouse/dialect.ts'
import type { NumberOwners, Owner } from '../warehouse/load-events.ts'
import type { Names } from '../warehouse/names.ts'
import type { Session } from '../warehouse/warehouse.ts'
import type { Normaliser } from './normalise.ts'

/** Numbers every pair of the relation (columns type, value) that has no number yet. Within the load lane only. */
export async function numberIdentifiers(
  session: Session,
  dialect: Dialect,
  names: Names,
  pairs: string,
): Promise<void> {
  const identifiers = names.table('identity', 'identifiers')
  await session.run(
    `insert into ${identifiers} (id, type, value)
     select (select coalesce(max(id), 0) from ${identifiers}) + row_number() over (order by type, ${dialect.byBytes('value')}), type, value
     from (select distinct p.type, p.value from (${pairs}) p
           left join ${identifiers} i on i.type = p.type and i.value = p.value
           where p.value is not null and i.id is null) missing`,
  )
}

/** Numbers the owners of event rows: the user_id, else the anonymous_id. */
export function ownerNumbering(dialect: Dialect, names: Names, normalise: Normaliser): NumberOwners {
  return async (session: Session, owners: readonly Owner[]) => {
    if (owners.length === 0) return []
    const { relation } = await session.stage(
      { place: 'int', user_id: 'string', anonymous_id: 'string' },
      owners.map((owner, place) => ({ place, ...owner })),
    )
    const user = normalise('user_id', 'user_id')
    const anonymous = normalise('anonymous_id', 'anonymous_id')
    // Read three times: normalised once, it costs a third.
    const owned = `create temp table found_owners as select place, case when ${user} is not null then 'user_id' else 'anonymous_id' end as type,
      coalesce(${user}, ${anonymous}) as value from ${relation}`
    await session.run(owned)
    await numberIdentifiers(session, dialect, names, 'select type, value from found_owners')
    const rows = await session.query<{ place: number; id: number }>(
      `select o.place, i.id from found_owners o
       join ${names.table('identity', 'identifiers')} i on i.type = o.type and i.value = o.value`,
    )
    await session.run('drop table found_owners')
    const numbers = new Array<number | null>(owners.length).fill(null)
    for (const { place, id } of rows) numbers[place] = id
    return numbers
  }
}
