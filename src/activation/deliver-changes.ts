import { type DeliveryRow, deliverAll, type Operation } from '../delivery/index.ts'
import type { Activation } from './activation.ts'
import { type ChangeRow, type LedgerChange, type LedgerTarget, writeIntents, writeOutcomes } from './ledger.ts'
import type { Sync } from './sync.ts'
import type { Target } from './target.ts'

export type ReadyTarget = Target & { readonly object: NonNullable<Target['object']> }
export type Count = (change: LedgerChange, rows: number) => void

/** A row on its way: what the connector needs, and what the ledger keeps of it. */
interface Sent extends DeliveryRow {
  readonly change: ChangeRow
}

/** Sends the plan's changes of one operation that have no outcome yet. */
export async function deliverChanges(
  activation: Activation,
  sync: Sync,
  target: ReadyTarget,
  ledger: LedgerTarget,
  operation: Operation,
  count: Count,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { state, effects } = activation
  await deliverAll(target.live, {
    object: target.object,
    options: sync.send.options,
    operation,
    rows: rowsOf(pending(activation, ledger, operation)),
    before: (batch) => writeIntents(ledger, operation, batch.map(changeOf), effects.now()),
    after: async (batch, outcomes) =>
      count(await writeOutcomes(ledger, operation, batch, outcomes, effects.now()), batch.length),
    ...(signal && { signal }),
  })

  function pending({ warehouse }: Activation, { plan }: LedgerTarget, kind: Operation) {
    return pages(
      warehouse,
      state.name('plan_changes'),
      `plan = ${plan} and sync = ${warehouse.dialect.text(sync.id)} and operation = '${kind}' and outcome is null`,
    )
  }
}

/**
 * Settles rows that were sent without an answer, by sending the same again: both adding and removing a member twice
 * is the same as once at every connector that says so.
 */
export async function resolveDoubts(
  activation: Activation,
  sync: Sync,
  target: ReadyTarget,
  ledger: LedgerTarget,
  count: Count,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { state, warehouse, effects } = activation
  for (const operation of ['add', 'update', 'remove'] as const) {
    const doubts = pages(
      warehouse,
      state.name('intents'),
      `target = ${warehouse.dialect.text(target.key)} and operation = '${operation}'`,
    )
    await deliverAll(target.live, {
      object: target.object,
      options: sync.send.options,
      operation,
      rows: rowsOf(doubts),
      before: async () => {}, // the intent is what is being resolved
      after: async (batch, outcomes) =>
        count(await writeOutcomes(ledger, operation, batch, outcomes, effects.now()), 0),
      ...(signal && { signal }),
    })
  }
}

async function* rowsOf(changes: AsyncIterable<ChangeRow>): AsyncIterable<Sent> {
  for await (const change of changes) {
    yield { key: change.key, fields: JSON.parse(change.fields) as Sent['fields'], change } // written by the plan as text by field
  }
}

function changeOf(row: DeliveryRow): ChangeRow {
  return (row as Sent).change // the kit hands back the rows it was given
}

const PAGE = 10_000

/** Pages by key, so that rows settled meanwhile are neither skipped nor repeated and memory stays flat. */
async function* pages(warehouse: Activation['warehouse'], table: string, condition: string): AsyncIterable<ChangeRow> {
  for (let after = ''; ; ) {
    const rows = await warehouse.session((session) =>
      session.query<ChangeRow>(
        `select key, fields, hash, profile_id from ${table} where ${condition} and key > $1 order by key limit ${PAGE}`,
        [after],
      ),
    )
    yield* rows
    const last = rows.at(-1)
    if (!last || rows.length < PAGE) return
    after = last.key
  }
}
