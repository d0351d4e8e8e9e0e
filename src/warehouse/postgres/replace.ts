import { MusterError } from '../../core/errors.ts'
import { quoted } from '../names.ts'
import type { Replacement, Session } from '../warehouse.ts'
import { postgresDialect } from './dialect.ts'
import { patiently, refusal } from './patience.ts'
import { dependentsOf, dropViews, findRelation, grantsOn, markView, type Relation, runAll } from './relation.ts'

const DROP: Readonly<Record<string, string>> = { v: 'drop view', m: 'drop materialized view', f: 'drop foreign table' }

/** Puts a table or view in place of what bears its name; readers see the old one until the transaction commits. */
export async function replaceRelation(session: Session, replacement: Replacement): Promise<void> {
  await (replacement.kind === 'table' ? replaceTable(session, replacement) : replaceView(session, replacement))
}

async function replaceTable(session: Session, { schema, name, sql }: Replacement): Promise<void> {
  const [{ pid } = { pid: 0 }] = await session.query<{ pid: number }>('select pg_backend_pid() as pid')
  const fresh = `muster_new_${pid}`
  const place = quoted(postgresDialect, schema, fresh)
  await session.run(`create table ${place} as ${sql}`)
  await patiently(session, async () => {
    const old = await findRelation(session, schema, name)
    const foreign = old && (await dependentsOf(session, old)).find(({ own }) => !own)
    if (!old || !foreign) {
      const rename = `alter table ${place} rename to ${postgresDialect.identifier(name)}`
      await swap(session, old, [rename])
      return
    }
    // Dropping the table would take the view along: its rows are exchanged instead, which is slower.
    if (old.kind !== 'r' || !(await sameColumns(session, old.name, place))) throw inUse(foreign.name, old.name)
    await session.run(`delete from ${old.name}`)
    await session.run(`insert into ${old.name} select * from ${place}`)
    await session.run(`drop table ${place}`)
  })
}

async function replaceView(session: Session, { schema, name, sql }: Replacement): Promise<void> {
  const view = quoted(postgresDialect, schema, name)
  await patiently(session, async () => {
    // Columns may only be added at the end that way; nothing that reads the view is touched then.
    const refused = await refusal(session, () =>
      runAll(session, [`create or replace view ${view} as ${sql}`, markView(view)]),
    )
    if (!refused) return
    const old = await findRelation(session, schema, name)
    if (!old) throw refused
    const foreign = (await dependentsOf(session, old)).find(({ own }) => !own)
    if (foreign) throw inUse(foreign.name, old.name)
    await swap(session, old, [`create view ${view} as ${sql}`, markView(view)])
  })
}

/** Drops the old relation, makes the new one, and brings back rights and those of Muster's views that still can be. */
async function swap(session: Session, old: Relation | undefined, make: readonly string[]): Promise<void> {
  if (!old) return runAll(session, make)
  const grants = await grantsOn(session, old)
  const kept = await dropViews(session, await dependentsOf(session, old))
  await runAll(session, [`${DROP[old.kind] ?? 'drop table'} ${old.name}`, ...make])
  // A right may be on a column that is gone, a view may read one: the run that made the change makes the view anew.
  for (const grant of grants) await refusal(session, () => runAll(session, [grant]))
  for (const { statements } of kept) await refusal(session, () => runAll(session, statements))
}

async function sameColumns(session: Session, one: string, other: string): Promise<boolean> {
  const shape = `select string_agg(format('%s %s', attname, format_type(atttypid, atttypmod)), ',' order by attnum)
    from pg_attribute where attnum > 0 and not attisdropped and attrelid =`
  const [row] = await session.query<{ same: boolean }>(
    `select (${shape} $1::regclass) = (${shape} $2::regclass) as same`,
    [one, other],
  )
  return row?.same ?? false
}

function inUse(view: string, table: string): MusterError {
  return new MusterError('column_in_use', `The view ${view} reads ${table}, of which the columns change.`)
}
