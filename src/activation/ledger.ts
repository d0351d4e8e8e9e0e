/**
 * The ledger: what a destination has acknowledged. Intent is written before a batch is sent, outcomes after.
 */
import type { DeliveryRow, Operation, Outcome } from '../delivery/index.ts'
import type { State } from '../state/state.ts'
import type { Session } from '../warehouse/warehouse.ts'

export interface ChangeRow {
  readonly key: string
  readonly fields: string
  readonly hash: string
  readonly profile_id: number
}

export interface LedgerTarget {
  readonly state: State
  readonly target: string
  readonly plan: number
  readonly sync: string
}

/** Members that a batch added to the ledger and took from it. */
export interface LedgerChange {
  readonly added: number
  readonly removed: number
}

const OUTCOME_COLUMNS = {
  key: 'string',
  status: 'string',
  code: 'string',
  message: 'string',
  remote_id: 'string',
} as const

/** Before sending: from here on, until an outcome is written, these rows are in doubt. */
export async function writeIntents(
  { state, target, plan }: LedgerTarget,
  operation: Operation,
  changes: readonly ChangeRow[],
  now: Date,
): Promise<void> {
  await state.transaction(async (session) => {
    const { relation } = await session.stage(
      { key: 'string', fields: 'string', hash: 'string', profile_id: 'int' },
      changes,
    )
    await session.run(
      `insert into ${state.name('intents')} (target, key, operation, fields, hash, profile_id, plan, written_at)
       select $1, key, $2, fields, hash, profile_id, $3, $4 from ${relation}`,
      [target, operation, plan, now],
    )
  })
}

/** After sending: acknowledged rows enter or leave the ledger; refused ones are kept apart; the rest stays in doubt. */
export async function writeOutcomes(
  { state, target, plan, sync }: LedgerTarget,
  operation: Operation,
  rows: readonly DeliveryRow[],
  outcomes: readonly Outcome[],
  now: Date,
): Promise<LedgerChange> {
  return state.transaction(async (session) => {
    const { relation } = await session.stage(OUTCOME_COLUMNS, outcomeLines(rows, outcomes))
    const change = await recordOutcomes(session, state, { target, operation, plan, relation, now })
    await session.run(
      `update ${state.name('plan_changes')} set outcome = o.status, code = o.code, message = o.message from ${relation} o
       where plan = $1 and sync = $2 and ${state.name('plan_changes')}.key = o.key`,
      [plan, sync],
    )
    await session.run(`update ${state.name('targets')} set version = version + 1, plan = $2 where target = $1`, [
      target,
      plan,
    ])
    return change
  })
}

interface Recording {
  readonly target: string
  readonly operation: Operation
  readonly plan: number
  readonly relation: string
  readonly now: Date
}

async function recordOutcomes(
  session: Session,
  state: State,
  { target, operation, plan, relation, now }: Recording,
): Promise<LedgerChange> {
  const [ledger, intents, rejections] = [state.name('ledger'), state.name('intents'), state.name('rejections')]
  const delivered = `(select key from ${relation} where status = 'delivered')`
  // A row is settled by its first outcome but for a doubt: whatever was refused or delivered before is replaced.
  const removed = await session.run(`delete from ${ledger} where target = $1 and key in ${delivered}`, [target])
  let inserted = 0
  if (operation !== 'remove') {
    inserted = await session.run(
      `insert into ${ledger} (target, key, hash, remote_id, profile_id, plan, acknowledged_at)
       select i.target, i.key, i.hash, o.remote_id, i.profile_id, $2, $3 from ${intents} i
       join ${relation} o on o.key = i.key and o.status = 'delivered' where i.target = $1`,
      [target, plan, now],
    )
  }
  await session.run(
    `delete from ${rejections} where target = $1 and key in (select key from ${relation} where status in ('delivered', 'rejected'))`,
    [target],
  )
  await session.run(
    `insert into ${rejections} (target, key, operation, hash, code, message, profile_id, plan, rejected_at)
     select i.target, i.key, i.operation, i.hash, o.code, o.message, i.profile_id, $2, $3 from ${intents} i
     join ${relation} o on o.key = i.key and o.status = 'rejected' where i.target = $1`,
    [target, plan, now],
  )
  await session.run(
    `delete from ${intents} where target = $1 and key in (select key from ${relation} where status <> 'in_doubt')`,
    [target],
  )
  return { added: Math.max(0, inserted - removed), removed: Math.max(0, removed - inserted) }
}

function* outcomeLines(rows: readonly DeliveryRow[], outcomes: readonly Outcome[]) {
  for (const [index, row] of rows.entries()) {
    const outcome = outcomes[index] ?? {
      status: 'in_doubt',
      code: 'no_outcome',
      message: 'the connector gave no outcome for the row',
    }
    yield {
      key: row.key,
      status: outcome.status,
      code: 'code' in outcome ? outcome.code : null,
      message: 'message' in outcome ? outcome.message : null,
      remote_id: 'remoteId' in outcome ? outcome.remoteId : null,
    }
  }
}
