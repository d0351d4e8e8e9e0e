/**
 * A plan as people read it: what each sync would change, why rows are held back, what guards say.
 */
import colors from 'picocolors'
import { formatNumber, formatState, printLine, printTable } from './print.ts'

export interface PlannedSyncRow {
  readonly sync: string
  readonly state: string
  readonly baseUrl: string
  readonly queried: number
  readonly unchanged: number
  readonly add: number
  readonly update: number
  readonly remove: number
  readonly invalid: number
  readonly suppressed: number
  readonly held: number
  readonly heldRemovals: number
  readonly membersBefore: number
  readonly membersAfter: number | null
  readonly delivered: number | null
  readonly rejected: number | null
  readonly failed: number | null
  readonly inDoubt: number | null
  readonly suppressedSince: number | null
  readonly details: {
    readonly reasons: Readonly<Record<string, number>>
    readonly samples: readonly { readonly operation: string; readonly key: string; readonly profileId: number }[]
    readonly guards: readonly { readonly guard: string; readonly stopped: boolean; readonly message: string }[]
    readonly notes: readonly string[]
    readonly withheld?: { readonly add: number; readonly update: number; readonly remove: number }
    readonly error?: { readonly code: string; readonly message: string; readonly hint: string }
  }
}

export interface PlanRow {
  readonly id: number
  readonly run: number
  readonly state: string
  readonly error: string | null
  readonly asOf: string
  readonly syncs: readonly PlannedSyncRow[]
}

export const PLAN_FIELDS = `id run state error asOf syncs {
  sync state baseUrl queried unchanged add update remove invalid suppressed held heldRemovals membersBefore membersAfter
  delivered rejected failed inDoubt suppressedSince details
}`

export function printPlan(plan: PlanRow): void {
  printLine(`${colors.bold(`Plan ${plan.id}`)} as of ${plan.asOf}, ${formatState(plan.state)}`)
  printTable(
    ['sync', 'queried', 'unchanged', 'add', 'update', 'remove', 'invalid', 'suppressed', 'held', 'state'],
    plan.syncs.map((row) => [
      row.sync,
      row.queried,
      row.unchanged,
      row.add,
      row.update,
      row.remove,
      row.invalid,
      row.suppressed,
      row.held,
      formatState(row.state),
    ]),
  )
  for (const sync of plan.syncs) printDetails(sync)
}

/** What became of a plan. */
export function printApplied(plan: PlanRow): void {
  printLine(`${colors.bold(`Plan ${plan.id}`)} ${formatState(plan.state)}`)
  printTable(
    [
      'sync',
      'delivered',
      'rejected',
      'failed',
      'in doubt',
      'suppressed since',
      'members before',
      'members after',
      'state',
    ],
    plan.syncs.map((row) => [
      row.sync,
      row.delivered,
      row.rejected,
      row.failed,
      row.inDoubt,
      row.suppressedSince,
      row.membersBefore,
      row.membersAfter ?? row.membersBefore,
      formatState(row.state),
    ]),
  )
  for (const { sync, details } of plan.syncs)
    if (details.error) printLine(`  ${sync}: ${details.error.message} ${details.error.hint}`)
}

function printDetails({ sync, details, heldRemovals }: PlannedSyncRow): void {
  const lines = [
    ...Object.entries(details.reasons).map(
      ([reason, rows]) => `${formatNumber(rows)} ${reason.replace(':', ': ').replaceAll('_', ' ')}`,
    ),
    ...(heldRemovals > 0 ? [`${formatNumber(heldRemovals)} removals held back; they stay members`] : []),
    ...details.guards
      .filter(({ stopped }) => stopped)
      .map(({ guard, message }) => colors.yellow(`stopped by ${guard}: ${message}`)),
    ...details.notes,
    ...(details.error ? [colors.red(`${details.error.message} ${details.error.hint}`)] : []),
    ...(details.samples.length > 0
      ? [`for example ${details.samples.map(({ operation, key }) => `${operation} ${key}`).join(', ')}`]
      : []),
  ]
  if (lines.length === 0) return
  printLine(colors.dim(sync))
  for (const line of lines) printLine(`  ${line}`)
}

/** Exit code of a plan: 3 when a guard stopped a sync. */
export function exitOf(plan: Pick<PlanRow, 'syncs'>): 0 | 1 | 3 {
  if (plan.syncs.some(({ state }) => state === 'stopped')) return 3
  return plan.syncs.some(
    ({ state, failed, inDoubt }) => state === 'unreachable' || state === 'failed' || (failed ?? 0) + (inDoubt ?? 0) > 0,
  )
    ? 1
    : 0
}
