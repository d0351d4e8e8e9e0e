import { MusterError } from '../core/errors.ts'
import type { Operation } from '../delivery/index.ts'
import type { Activation } from './activation.ts'
import { balanceApply, balanceLedger } from './books.ts'
import { type Count, deliverChanges, type ReadyTarget, resolveDoubts } from './deliver-changes.ts'
import type { LedgerChange, LedgerTarget } from './ledger.ts'
import { type Plan, type PlannedSync, readPlan } from './plan-record.ts'
import {
  applyCounts,
  countMembers,
  endSync,
  endUnsent,
  markSuppressed,
  registerTarget,
  setPlanState,
} from './progress.ts'
import type { Sync } from './sync.ts'
import { ensureTarget, type Target } from './target.ts'

export interface ApplyProgress {
  readonly sync: string
  readonly done: number
  readonly total: number
}

export interface ApplyInput {
  /** The newest plan when absent. */
  readonly plan?: number | undefined
  readonly syncs: readonly Sync[]
  /** Called once, when the plan was found fit to be applied and sending begins. */
  readonly onStart?: ((plan: Plan) => void) | undefined
  readonly onProgress?: ((progress: ApplyProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

const OPERATIONS: readonly Operation[] = ['add', 'update', 'remove']
const PLAN_MAX_AGE_MS = 24 * 60 * 60 * 1000

/** Executes a stored plan and nothing else; one that was interrupted goes on. Throws `plan_missing`, `plan_outdated`. */
export async function applyPlan(activation: Activation, input: ApplyInput): Promise<Plan> {
  const plan = await readPlan(activation.state, input.plan)
  if (!plan)
    throw new MusterError(
      'plan_missing',
      input.plan === undefined ? 'There is no plan yet.' : `There is no plan ${input.plan}.`,
    )
  refuseEnded(plan, activation.effects.now())
  const work = plan.syncs
    .filter(({ state }) => state === 'ready' || state === 'failed')
    .map((planned) => ({ planned, sync: syncOf(plan, planned, input.syncs) }))
  await setPlanState(activation, plan.id, 'applying')
  input.onStart?.({ ...plan, state: 'applying', error: null })
  for (const { planned, sync } of work) await applySync(activation, plan, planned, sync, input)
  await setPlanState(activation, plan.id, 'applied')
  return (await readPlan(activation.state, plan.id)) ?? plan
}

function refuseEnded(plan: Plan, now: Date): void {
  if (plan.state === 'superseded')
    throw new MusterError('plan_outdated', `Plan ${plan.id} was superseded by a newer one.`)
  if (plan.state === 'applied') throw new MusterError('plan_outdated', `Plan ${plan.id} was applied already.`)
  if (now.getTime() - plan.created_at.getTime() > PLAN_MAX_AGE_MS) {
    throw new MusterError('plan_outdated', `Plan ${plan.id} is older than 24 hours.`)
  }
}

function syncOf(plan: Plan, planned: PlannedSync, syncs: readonly Sync[]): Sync {
  const sync = syncs.find(({ id }) => id === planned.sync)
  if (sync?.fingerprint === planned.fingerprint) return sync
  throw new MusterError(
    'plan_outdated',
    `${planned.sync}, its audience or its destination changed after plan ${plan.id} was made.`,
  )
}

async function applySync(
  activation: Activation,
  plan: Plan,
  planned: PlannedSync,
  sync: Sync,
  { onProgress, signal }: ApplyInput,
): Promise<void> {
  const found = await attempt(() => ensureTarget(activation, sync, signal), signal)
  const target = 'value' in found ? found.value : undefined
  if (target) refuseChangedLedger(plan, planned, target)
  const ledger: LedgerTarget = {
    state: activation.state,
    target: target?.key ?? planned.target,
    plan: plan.id,
    sync: sync.id,
  }
  const before = target ? await registerTarget(activation, ledger, target) : await countMembers(activation, ledger)
  const total = planned.add + planned.update + planned.remove
  const tally = { added: 0, removed: 0, done: 0 }
  const count = (change: LedgerChange, rows: number) => {
    tally.added += change.added
    tally.removed += change.removed
    tally.done += rows
    onProgress?.({ sync: sync.id, done: Math.min(tally.done, total), total })
  }
  const sent = target ? await attempt(() => send(activation, sync, target, ledger, count, signal), signal) : found
  const error = 'error' in sent ? sent.error : undefined
  if (error) {
    activation.logger.error({ sync: sync.id, code: error.code }, error.message)
    await endUnsent(activation, ledger, error)
  }
  const applied = await applyCounts(activation, ledger)
  balanceApply(sync.id, planned, applied)
  const after = await endSync(activation, ledger, planned, applied, error)
  balanceLedger(sync.id, {
    members_before: before,
    adds_delivered: tally.added,
    removals_delivered: tally.removed,
    members_after: after,
  })
}

async function send(
  activation: Activation,
  sync: Sync,
  target: ReadyTarget,
  ledger: LedgerTarget,
  count: Count,
  signal: AbortSignal | undefined,
): Promise<void> {
  await resolveDoubts(activation, sync, target, ledger, count, signal)
  await markSuppressed(activation, ledger, sync)
  for (const operation of OPERATIONS) await deliverChanges(activation, sync, target, ledger, operation, count, signal)
}

type Attempt<T> = { readonly value: T } | { readonly error: MusterError }

/** A refusal of the destination ends this sync, not the others; anything else is a fault and ends the apply. */
async function attempt<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<Attempt<T>> {
  try {
    return { value: await work() }
  } catch (error) {
    if (error instanceof MusterError && !signal?.aborted) return { error }
    throw error
  }
}

function refuseChangedLedger(plan: Plan, planned: PlannedSync, target: Target): void {
  if (target.version === planned.ledger_version || target.changedBy === plan.id) return
  throw new MusterError('plan_outdated', `The ledger of ${planned.sync} changed after plan ${plan.id} was made.`)
}
