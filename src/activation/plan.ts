import { MusterError } from '../core/errors.ts'
import { compileRow } from '../delivery/index.ts'
import { TRAIT_TABLES } from '../project/index.ts'
import { quoted } from '../warehouse/names.ts'
import type { Session } from '../warehouse/warehouse.ts'
import type { Activation } from './activation.ts'
import { balancePlan, type PlanBooks } from './books.ts'
import { guardVerdicts } from './guards.ts'
import { maskKey } from './mask.ts'
import { type Plan, type PlanDetails, type PlannedSync, readPlan, type Sample, type SyncState } from './plan-record.ts'
import { desiredSql, type PlanTables, removalsSql, rowColumns } from './plan-sql.ts'
import { consentColumn, type Sync } from './sync.ts'
import { findTarget, type Target } from './target.ts'

export interface PlanInput {
  readonly syncs: readonly Sync[]
  readonly run: number
  readonly asOf: Date
  /** Definitions that were not rebuilt, with why. */
  readonly stale: ReadonlyMap<string, string>
}

type NewSync = Omit<
  PlannedSync,
  'plan' | 'members_after' | 'delivered' | 'rejected' | 'failed' | 'in_doubt' | 'suppressed_since' | 'resolved'
>

const NOTHING: PlanBooks = {
  queried: 0,
  unchanged: 0,
  add: 0,
  update: 0,
  remove: 0,
  invalid: 0,
  suppressed: 0,
  held: 0,
  held_removals: 0,
}

/** Says what the syncs would change now, and stores it as a numbered plan. Nothing leaves. */
export async function createPlan(activation: Activation, { syncs, run, asOf, stale }: PlanInput): Promise<Plan> {
  const { state, effects } = activation
  const id = await state.transaction(async (session) => {
    const [last] = await session.query<{ id: number | null }>(`select max(id) as id from ${state.name('plans')}`)
    const next = (last?.id ?? 0) + 1
    await session.run(
      state.table('plans').insert({ id: next, run, state: 'planned', as_of: asOf, created_at: effects.now() }),
    )
    return next
  })
  for (const sync of syncs) {
    const reason = stale.get(sync.definition)
    if (reason !== undefined && !sync.allowStale) {
      await storeSync(activation, id, blocked(sync, 'stale', { code: 'stale', message: reason, hint: '' }))
      continue
    }
    await planSync(activation, id, sync)
  }
  await supersede(activation, id, syncs)
  const plan = await readPlan(state, id)
  if (!plan) throw new MusterError('internal', `Plan ${id} was stored and is gone.`)
  return plan
}

async function planSync(activation: Activation, plan: number, sync: Sync): Promise<void> {
  let target: Target
  try {
    target = await findTarget(activation, sync)
  } catch (error) {
    if (!(error instanceof MusterError)) throw error
    const { code, message, hint } = error
    await storeSync(activation, plan, blocked(sync, 'unreachable', { code, message, hint }))
    return
  }
  const { warehouse, state, names } = activation
  const { dialect } = warehouse
  const columns = await warehouse.columns()
  const physical = `${names.schema(sync.schema)}.${sync.name}`
  const { table, key } = TRAIT_TABLES[sync.entity]
  const tables: PlanTables = {
    members: quoted(dialect, names.schema(sync.schema), sync.name),
    owners: names[table],
    id: key,
    ledger: state.name('ledger'),
    intents: state.name('intents'),
    rejections: state.name('rejections'),
    memberColumns: [...(columns.get(physical)?.keys() ?? [])],
    ownerColumns: [...(columns.get(names[table].replaceAll('"', ''))?.keys() ?? [])],
  }
  const available = rowColumns(tables)
  const row = compileRow(target.connector, {
    columns: available,
    mapping: sync.send.mapping,
    options: sync.send.options,
    dialect,
  })
  if (row.problems.length > 0) {
    const message = row.problems.map((problem) => problem.message).join(' ')
    await storeSync(
      activation,
      plan,
      blocked(sync, 'unreachable', { code: 'mapping_invalid', message, hint: row.problems[0]?.hint ?? '' }),
    )
    return
  }
  const notes = [...target.notes]
  const consent = consentExpression(sync, available, dialect.identifier, notes)
  const desired = desiredSql(dialect, tables, row, { target: target.key, consent })
  await state.transaction(async (session) => {
    await session.run(`create temp table desired as ${desired}`)
    await session.run(`create temp table removals as ${removalsSql(dialect, tables, 'desired', target.key)}`)
    const books = await countBooks(session, sync)
    const [ledger] = await session.query<{ members: number }>(
      state.table('ledger').where({ target: target.key }).count('* as members'),
    )
    const members = ledger?.members ?? 0
    const guards = guardVerdicts({ queried: books.queried, removals: books.remove, members }, sync.send.guards)
    const stopped = guards.some((verdict) => verdict.stopped)
    const final = stopped ? withheld(books) : books
    const changes = final.add + final.update + final.remove
    balancePlan(sync.id, final)
    if (!stopped) await storeChanges(session, activation, plan, sync)
    const details: PlanDetails = {
      reasons: await countReasons(session),
      samples: await samples(session),
      guards,
      notes,
      ...(stopped && { withheld: { add: books.add, update: books.update, remove: books.remove } }),
    }
    await insertSync(session, activation, plan, {
      ...identify(sync),
      ...final,
      target: target.key,
      base_url: target.baseUrl,
      account: target.account,
      object_id: target.object?.id ?? null,
      ledger_version: target.version,
      members_before: members,
      state: stopped ? 'stopped' : changes > 0 || target.inDoubt > 0 ? 'ready' : 'unchanged',
      details,
    })
    await session.run('drop table desired')
    await session.run('drop table removals')
  })
}

function consentExpression(
  sync: Sync,
  columns: readonly string[],
  identifier: (name: string) => string,
  notes: string[],
): string | undefined {
  const column = consentColumn(sync)
  if (column === undefined) return undefined
  if (columns.includes(column)) return identifier(column)
  notes.push(
    `Nobody is sent: consent "${sync.send.consent}" needs a trait ${column}, and ${TRAIT_TABLES[sync.entity].table} have none.`,
  )
  return 'false'
}

async function countBooks(session: Session, { send: { mode } }: Sync): Promise<PlanBooks> {
  const [desired] = await session.query<Omit<PlanBooks, 'remove' | 'held_removals'>>(
    `select count(*) as queried, count(*) filter (where verdict = 'unchanged') as unchanged,
       count(*) filter (where verdict = 'add') as add, count(*) filter (where verdict = 'update') as update,
       count(*) filter (where verdict like 'invalid:%') as invalid,
       count(*) filter (where verdict = 'suppressed') as suppressed,
       count(*) filter (where verdict like 'held:%') as held from desired`,
  )
  if (mode !== 'mirror') await session.run('delete from removals')
  const [removals] = await session.query<Pick<PlanBooks, 'remove' | 'held_removals'>>(
    `select count(*) filter (where verdict = 'remove') as remove,
       count(*) filter (where verdict <> 'remove') as held_removals from removals`,
  )
  return { ...NOTHING, ...desired, ...removals }
}

function withheld(books: PlanBooks): PlanBooks {
  return {
    ...books,
    add: 0,
    update: 0,
    remove: 0,
    held: books.held + books.add + books.update,
    held_removals: books.held_removals + books.remove,
  }
}

async function countReasons(session: Session): Promise<Readonly<Record<string, number>>> {
  const rows = await session.query<{ verdict: string; rows: number }>(
    `select verdict, count(*) as rows from (select verdict from desired union all select verdict from removals) v
     where verdict not in ('add', 'update', 'remove', 'unchanged') group by verdict order by verdict`,
  )
  return Object.fromEntries(rows.map(({ verdict, rows: count }) => [verdict, count]))
}

async function samples(session: Session): Promise<readonly Sample[]> {
  const rows = await session.query<{ operation: Sample['operation']; key: string; profile_id: number }>(
    `select operation, key, profile_id from (
       select verdict as operation, key, profile_id, row_number() over (partition by verdict order by key) as place from (
         select verdict, key, profile_id from desired where verdict in ('add', 'update')
         union all select verdict, key, profile_id from removals where verdict = 'remove') c) s
     where place <= 3 order by operation, place`,
  )
  return rows.map(({ operation, key, profile_id }) => ({ operation, key: maskKey(key), profileId: profile_id }))
}

async function storeChanges(session: Session, { state }: Activation, plan: number, { id }: Sync): Promise<void> {
  await session.run(
    `insert into ${state.name('plan_changes')} (plan, sync, sequence, operation, key, fields, hash, profile_id)
     select $1, $2, row_number() over (order by operation, key), operation, key, fields, hash, profile_id from (
       select verdict as operation, key, fields, hash, profile_id from desired where verdict in ('add', 'update')
       union all select verdict, key, '{}', hash, profile_id from removals where verdict = 'remove') c`,
    [plan, id],
  )
}

function identify(sync: Sync) {
  return {
    sync: sync.id,
    definition: sync.definition,
    destination: sync.destination.name,
    fingerprint: sync.fingerprint,
  }
}

function blocked(sync: Sync, state: SyncState, error: { code: string; message: string; hint: string }): NewSync {
  return {
    ...identify(sync),
    ...NOTHING,
    target: '',
    base_url: '',
    account: '',
    object_id: null,
    ledger_version: 0,
    members_before: 0,
    state,
    details: { reasons: {}, samples: [], guards: [], notes: [], error },
  }
}

async function storeSync(activation: Activation, plan: number, sync: NewSync): Promise<void> {
  await activation.state.transaction((session) => insertSync(session, activation, plan, sync))
}

async function insertSync(
  session: Session,
  { state }: Activation,
  plan: number,
  { details, ...sync }: NewSync,
): Promise<void> {
  await session.run(state.table('plan_syncs').insert({ plan, ...sync, details: JSON.stringify(details) }))
}

/** Earlier plans of the same syncs can no longer be applied; their rows go, counts and samples stay. */
async function supersede({ state }: Activation, plan: number, syncs: readonly Sync[]): Promise<void> {
  await state.transaction(async (session) => {
    for (const { id } of syncs) {
      await session.run(`delete from ${state.name('plan_changes')} where sync = $1 and plan < $2`, [id, plan])
    }
    await session.run(
      `update ${state.name('plans')} set state = 'superseded' where state in ('planned', 'applying') and id < $1
       and not exists (select 1 from ${state.name('plan_changes')} c where c.plan = ${state.name('plans')}.id)`,
      [plan],
    )
  })
}
