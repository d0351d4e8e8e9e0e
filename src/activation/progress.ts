/**
 * How far an apply has come, read from and written to state: what is not there did not happen.
 */
import type { MusterError } from '../core/errors.ts'
import { TRAIT_TABLES } from '../project/index.ts'
import type { Activation } from './activation.ts'
import type { ApplyBooks } from './books.ts'
import type { LedgerTarget } from './ledger.ts'
import type { PlannedSync, PlanState } from './plan-record.ts'
import { consentColumn, type Sync } from './sync.ts'
import type { Target } from './target.ts'

export async function setPlanState({ state, effects }: Activation, plan: number, next: PlanState): Promise<void> {
  await state.transaction((session) =>
    session.run(
      state
        .table('plans')
        .where({ id: plan })
        .update({ state: next, error: null, ...(next === 'applied' && { applied_at: effects.now() }) }),
    ),
  )
}

/** Applying broke off; what was sent so far is in the ledger, and the plan may be applied again. */
export async function setPlanError({ state }: Activation, plan: number, error: string): Promise<void> {
  await state.transaction((session) => session.run(state.table('plans').where({ id: plan }).update({ error })))
}

/** Makes the target known and gives its members so far. */
export async function registerTarget(
  { state, effects }: Activation,
  ledger: LedgerTarget,
  target: Target & { object: { id: string } },
): Promise<number> {
  return state.transaction(async (session) => {
    if (target.version === 0) {
      await session.run(`delete from ${state.name('targets')} where target = $1 and version = 0`, [target.key])
      await session.run(
        state.table('targets').insert({
          target: target.key,
          sync: ledger.sync,
          base_url: target.baseUrl,
          account: target.account,
          object_id: target.object.id,
          version: 0,
          plan: ledger.plan,
          created_at: effects.now(),
        }),
      )
    }
    await session.run(
      state
        .table('plan_syncs')
        .where({ plan: ledger.plan, sync: ledger.sync })
        .update({ target: target.key, object_id: target.object.id }),
    )
    const [row] = await session.query<{ members: number }>(
      state.table('ledger').where({ target: target.key }).count('* as members'),
    )
    return row?.members ?? 0
  })
}

/** Members that the ledger of a target holds. */
export async function countMembers({ state }: Activation, { target }: LedgerTarget): Promise<number> {
  const [row] = await state.warehouse.session((session) =>
    session.query<{ members: number }>(state.table('ledger').where({ target }).count('* as members')),
  )
  return row?.members ?? 0
}

/** Consent withdrawn since the plan was made: those rows are not sent. An apply may only subtract. */
export async function markSuppressed(
  { state, names }: Activation,
  { plan, sync: id }: LedgerTarget,
  sync: Sync,
): Promise<void> {
  const consent = consentColumn(sync)
  if (consent === undefined) return
  const { table, key } = TRAIT_TABLES[sync.entity]
  const column = state.warehouse.dialect.identifier(consent)
  await state.transaction((session) =>
    session.run(
      `update ${state.name('plan_changes')} set outcome = 'suppressed' where plan = $1 and sync = $2 and outcome is null
       and operation <> 'remove' and profile_id not in (select ${key} from ${names[table]} where ${column})`,
      [plan, id],
    ),
  )
}

/** Rows that a refusal left unsent had certainly no effect: they are failed, and planned again next time. */
export async function endUnsent(
  { state }: Activation,
  { plan, sync }: LedgerTarget,
  error: MusterError,
): Promise<void> {
  await state.transaction((session) =>
    session.run(
      `update ${state.name('plan_changes')} set outcome = case when key in (select key from ${state.name('intents')} where plan = $1) then 'in_doubt' else 'failed' end,
       code = $3, message = $4 where plan = $1 and sync = $2 and outcome is null`,
      [plan, sync, error.code, error.message],
    ),
  )
}

export async function applyCounts({ state }: Activation, { plan, sync }: LedgerTarget): Promise<ApplyBooks> {
  const books = { delivered: 0, rejected: 0, failed: 0, in_doubt: 0, suppressed_since: 0 }
  const rows = await state.warehouse.session((session) =>
    session.query<{ outcome: string | null; rows: number }>(
      `select outcome, count(*) as rows from ${state.name('plan_changes')} where plan = $1 and sync = $2 group by outcome`,
      [plan, sync],
    ),
  )
  for (const { outcome, rows: count } of rows) {
    if (outcome === 'suppressed') books.suppressed_since = count
    else if (outcome === 'delivered' || outcome === 'rejected' || outcome === 'failed' || outcome === 'in_doubt')
      books[outcome] = count
  }
  return books
}

/** Writes what became of a sync and gives its members now. */
export async function endSync(
  { state }: Activation,
  { plan, sync, target }: LedgerTarget,
  planned: PlannedSync,
  applied: ApplyBooks,
  error: MusterError | undefined,
): Promise<number> {
  return state.transaction(async (session) => {
    const [row] = await session.query<{ members: number }>(
      state.table('ledger').where({ target }).count('* as members'),
    )
    const members = row?.members ?? 0
    const details = error
      ? { ...planned.details, error: { code: error.code, message: error.message, hint: error.hint } }
      : planned.details
    await session.run(
      state
        .table('plan_syncs')
        .where({ plan, sync })
        .update({
          ...applied,
          members_after: members,
          state: error ? 'failed' : 'applied',
          details: JSON.stringify(details),
        }),
    )
    return members
  })
}
