/**
 * Deleting a person's rows, lane by lane, with the receipt in the same transactions.
 */
import type { Person } from '../identity/index.ts'
import { refreshUsers } from '../warehouse/users-table.ts'
import type { Lane, Session } from '../warehouse/warehouse.ts'
import { isEventTable } from './base-tables.ts'
import { type PersonRows, type PersonScope, personRows } from './person-rows.ts'
import type { TableCount } from './receipt.ts'
import { heldOf, refusedOf } from './text-rows.ts'

/** Deletes what writers of this lane write. Gives the counts. */
export async function deleteRows(session: Session, scope: PersonScope, lane: Lane): Promise<readonly TableCount[]> {
  const refreshed = lane === 'load' ? await usersToRefresh(session, scope) : new Map<string, ReadonlySet<string>>()
  const counts: TableCount[] = lane === 'load' ? await deleteTexts(session, scope) : []
  for (const { name, table, where } of personRows(scope).filter((rows) => rows.lane === lane)) {
    counts.push({ table: name, rows: await session.run(`delete from ${table} where ${where}`) })
  }
  if (lane !== 'load') return counts
  counts.push(...(await rebuildUsers(session, scope, refreshed)))
  counts.push(await blankIdentifiers(session, scope))
  await reloadSourceTables(session, scope)
  return counts
}

/** As `deleteRows` would. */
export async function countRows(session: Session, scope: PersonScope): Promise<readonly TableCount[]> {
  const { state, person } = scope
  const counts: TableCount[] = [
    { table: `${state.schema}.held_rows`, rows: (await heldOf(session, scope)).length },
    { table: `${state.schema}.rejected_events`, rows: (await refusedOf(session, scope)).length },
    { table: `${scope.identity.names.schema('identity')}.identifiers`, rows: person.numbers.length },
  ]
  for (const rows of [...personRows(scope), ...userRows(scope)]) {
    const [found] = await session.query<{ rows: number }>(
      `select count(*) as rows from ${rows.table} where ${rows.where}`,
    )
    counts.push({ table: rows.name, rows: found?.rows ?? 0 })
  }
  return counts.filter(({ rows }) => rows > 0).sort((a, b) => a.table.localeCompare(b.table))
}

async function deleteTexts(session: Session, scope: PersonScope): Promise<TableCount[]> {
  const { state, identity } = scope
  const held = await heldOf(session, scope)
  const counts: TableCount[] = []
  if (held.length > 0) {
    const { relation } = await session.stage({ schema: 'string', id: 'string' }, held)
    // Before the event rows: discards are found by what is held.
    for (const { schema, table } of scope.tables.filter(({ name }) => name === 'discards')) {
      const where = `row_id in (select id from ${relation} where schema = ${identity.dialect.text(schema)})`
      const rows = await session.run(`delete from ${table} where ${where}`)
      counts.push({ table: `${schema}.discards`, rows })
    }
    const rows = await session.run(
      `delete from ${state.name('held_rows')} where exists
       (select 1 from ${relation} h where h.schema = table_schema and h.id = row_id)`,
    )
    counts.push({ table: `${state.schema}.held_rows`, rows })
  }
  const refused = await refusedOf(session, scope)
  if (refused.length > 0) {
    const { relation } = await session.stage(
      { hash: 'string' },
      refused.map((hash) => ({ hash })),
    )
    const rows = await session.run(
      `delete from ${state.name('rejected_events')} where ${identity.dialect.md5('body')} in (select hash from ${relation})`,
    )
    counts.push({ table: `${state.schema}.rejected_events`, rows })
  }
  return counts
}

/** Rows of `users` that are the person's own. */
function userRows({ tables, person, identity }: PersonScope): readonly PersonRows[] {
  const ids = person.identifiers.filter(({ type }) => type === 'user_id').map(({ value }) => value)
  if (ids.length === 0) return []
  return usersTables(tables).map(({ schema, name, table }) => ({
    name: `${schema}.${name}`,
    table,
    lane: 'load',
    where: `id in (${ids.map(identity.dialect.text).join(', ')})`,
  }))
}

function usersTables(tables: PersonScope['tables']) {
  const schemas = new Set(
    tables.filter((table) => isEventTable(table) && table.name === 'identifies').map(({ schema }) => schema),
  )
  return tables.filter(({ schema, name }) => name === 'users' && schemas.has(schema))
}

/** Whose rows of `users` are made from identifies that go: the person's, and others' who gave the person's traits. By schema. */
async function usersToRefresh(session: Session, scope: PersonScope): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const own = scope.person.identifiers.filter(({ type }) => type === 'user_id').map(({ value }) => value)
  const users = new Map<string, ReadonlySet<string>>()
  for (const { name, table, where } of personRows(scope)) {
    if (!name.endsWith('.identifies')) continue
    const rows = await session.query<{ id: string }>(
      `select distinct user_id as id from ${table} where user_id is not null and (${where})`,
    )
    users.set(name.slice(0, name.lastIndexOf('.')), new Set([...own, ...rows.map(({ id }) => id)]))
  }
  return users
}

async function rebuildUsers(
  session: Session,
  { tables, identity }: PersonScope,
  users: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<readonly TableCount[]> {
  const counts: TableCount[] = []
  const columnsOf = (schema: string, name: string) =>
    tables.find((table) => table.schema === schema && table.name === name)?.columns ?? new Map()
  for (const { schema, table } of usersTables(tables)) {
    const ids = users.get(schema)
    if (ids === undefined || ids.size === 0) continue
    const counted = async () =>
      (await session.query<{ rows: number }>(`select count(*) as rows from ${table}`))[0]?.rows
    const before = (await counted()) ?? 0
    const shapes = { schema, users: columnsOf(schema, 'users'), identifies: columnsOf(schema, 'identifies') }
    await refreshUsers(session, identity.dialect, shapes, ids)
    counts.push({ table: `${schema}.users`, rows: before - ((await counted()) ?? 0) })
  }
  return counts
}

/** The numbers stay, so that none is given to somebody else while a table of the user's still holds it. */
async function blankIdentifiers(session: Session, { identity, person }: PersonScope): Promise<TableCount> {
  const schema = identity.names.schema('identity')
  const name = { table: `${schema}.identifiers` }
  if (person.numbers.length === 0) return { ...name, rows: 0 }
  const rows = await session.run(
    `update ${identity.names.table('identity', 'identifiers')} set type = 'erased', value = ''
     where id in (${person.numbers.join(', ')})`,
  )
  return { ...name, rows }
}

/** Source tables that carry the person's number are loaded anew by the next run: whom they name is their owner's affair. */
async function reloadSourceTables(session: Session, { tables, state, person }: PersonScope): Promise<void> {
  if (person.numbers.length === 0) return
  for (const table of tables) {
    if (isEventTable(table) || !table.columns.has('_identifier')) continue
    const [found] = await session.query<{ rows: number }>(
      `select count(*) as rows from ${table.table} where _identifier in (${person.numbers.join(', ')})`,
    )
    if (found === undefined || found.rows === 0) continue
    await session.run(
      state
        .table('source_files')
        .where({ source_table: `${table.schema}.${table.name}` })
        .delete(),
    )
  }
}

/** Plans that name the person are not applied any more, and their samples do not show them. */
export async function withdrawPlans(
  session: Session,
  { state, person: { profiles } }: Pick<PersonScope, 'state' | 'person'>,
) {
  if (profiles.length === 0) return
  const list = profiles.join(', ')
  await session.run(
    `update ${state.name('plans')} set state = 'superseded' where state in ('planned', 'applying')
     and id in (select plan from ${state.name('plan_changes')} where profile_id in (${list}))`,
  )
  const syncs = await session.query<{ plan: number; sync: string; details: string }>(
    `select plan, sync, cast(details as varchar) as details from ${state.name('plan_syncs')}`,
  )
  for (const { plan, sync, details } of syncs) {
    const shown = withoutSamples(details, profiles)
    if (shown !== undefined) {
      await session.run(state.table('plan_syncs').where({ plan, sync }).update({ details: shown }))
    }
  }
}

function withoutSamples(details: string, profiles: Person['profiles']): string | undefined {
  const read = JSON.parse(details) as { readonly samples?: readonly { readonly profileId: number }[] } // written by plan.ts
  const samples = (read.samples ?? []).filter(({ profileId }) => !profiles.includes(profileId))
  return samples.length === (read.samples ?? []).length ? undefined : JSON.stringify({ ...read, samples })
}
