/**
 * Following what goes on at the server until it ends.
 */
import { systemEffects } from '../core/effects.ts'
import { MusterError } from '../core/errors.ts'
import type { Operations } from '../server/index.ts'
import type { PlanRow } from './plan-table.ts'
import { PLAN_FIELDS } from './plan-table.ts'
import { bar, type Report } from './progress.ts'

export interface StepRow {
  readonly name: string
  readonly kind: string
  readonly state: string
  readonly message: string | null
  readonly rows: number | null
  readonly ms: number | null
}

export interface RunRow {
  readonly id: number
  readonly state: string
  readonly error: string | null
  readonly asOf: string
  readonly historic: boolean
  readonly steps: readonly StepRow[]
}

export interface ImportRow {
  readonly id: string
  readonly state: string
  readonly error: string | null
  readonly line: number
  readonly bytes: number
  readonly totalBytes: number
  readonly events: number
  readonly duplicates: number
  readonly rejected: number
  readonly erased: number
}

export interface BackupRow {
  readonly state: string
  readonly files: number
  readonly bytes: number
  readonly pausedMs: number
  readonly logHead: number
  readonly withWarehouse: boolean
  readonly archiveElsewhere: string | null
}

const EVERY_MS = 100
const RUN =
  'query ($id: Int!) { run(id: $id) { id state error asOf historic steps { name kind state message rows ms } } }'
const IMPORT =
  'query ($id: String!) { import(id: $id) { id state error line bytes totalBytes events duplicates rejected erased } }'
const BACKUP = '{ backup { state files bytes pausedMs logHead withWarehouse archiveElsewhere } }'
const PLAN = `query ($id: Int!) { plan(id: $id) { ${PLAN_FIELDS} progress { sync done total } } }`

/** Starts a run and waits for its end. */
export async function followRun(
  operations: Operations,
  variables: {
    readonly selector?: string | undefined
    readonly asOf?: string | undefined
    readonly allowShrink?: readonly string[] | undefined
  },
  report: Report,
): Promise<RunRow> {
  const { startRun } = await operations.execute<{ startRun: { id: number } }>(
    'mutation ($selector: String, $asOf: DateTime, $allowShrink: [String!]) { startRun(selector: $selector, asOf: $asOf, allowShrink: $allowShrink) { id } }',
    variables,
  )
  return follow(async () => {
    const { run } = await operations.execute<{ run: RunRow }>(RUN, { id: startRun.id })
    report(run.steps.at(-1)?.name ?? '')
    return run.state === 'running' ? undefined : run
  })
}

/** Starts an import and waits for its end; a server that is started again meanwhile goes on with it. */
export async function followImport(
  operations: Operations,
  variables: { readonly file: string; readonly source: string; readonly map?: string | undefined },
  report: Report,
): Promise<ImportRow> {
  const { startImport } = await operations.execute<{ startImport: { id: string } }>(
    'mutation ($file: String!, $source: String!, $map: String) { startImport(file: $file, source: $source, map: $map) { id } }',
    variables,
  )
  return follow(async () => {
    const { import: row } = await operations.execute<{ import: ImportRow }>(IMPORT, { id: startImport.id })
    report(`${bar(row.bytes, row.totalBytes)} ${row.events.toLocaleString('en')} events`)
    return row.state === 'running' ? undefined : row
  })
}

/** Makes a backup and waits until it is done. */
export async function followBackup(operations: Operations, to: string, report: Report): Promise<BackupRow> {
  await operations.execute('mutation ($to: String!) { startBackup(to: $to) { to } }', { to })
  return follow(async () => {
    const { backup } = await operations.execute<{ backup: BackupRow | null }>(BACKUP)
    if (backup === null)
      throw new MusterError('backup_unwritable', 'The server was stopped before the backup was done.')
    report(`${backup.files.toLocaleString('en')} files`)
    return backup.state === 'running' ? undefined : backup
  })
}

/** Applies a plan (the newest when absent) and waits for its end. */
export async function followApply(operations: Operations, id: number | undefined, report: Report): Promise<PlanRow> {
  const { applyPlan } = await operations.execute<{ applyPlan: { id: number } }>(
    'mutation ($id: Int) { applyPlan(id: $id) { id } }',
    { id },
  )
  return follow(async () => {
    const { plan } = await operations.execute<{
      plan: PlanRow & { progress: readonly { done: number; total: number }[] | null }
    }>(PLAN, {
      id: applyPlan.id,
    })
    if (plan.state !== 'applying') return plan
    if (plan.error !== null || plan.progress === null) {
      throw new MusterError(
        'apply_incomplete',
        `Applying plan ${plan.id} broke off: ${plan.error ?? 'the server was stopped'}.`,
        {
          hint: `Go on with \`muster apply ${plan.id}\`: what was sent is in the ledger.`,
        },
      )
    }
    const sum = (field: 'done' | 'total') => plan.progress?.reduce((total, progress) => total + progress[field], 0) ?? 0
    report(bar(sum('done'), sum('total')))
    return undefined
  })
}

/** Looks again and again until there is something. */
export async function follow<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const ended = await look()
    if (ended !== undefined) return ended
    await systemEffects.sleep(EVERY_MS)
  }
}
