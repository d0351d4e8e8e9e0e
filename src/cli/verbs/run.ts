import { MusterError } from '../../core/errors.ts'
import { type CommonOptions, selectorOf, withCommonOptions, withOperations } from '../common.ts'
import { followRun, type RunRow } from '../follow.ts'
import { PLAN_FIELDS, type PlanRow, printPlan } from '../plan-table.ts'
import { formatState, printJson, printLine, printTable } from '../print.ts'
import { withProgress } from '../progress.ts'
import type { Verb } from '../verb.ts'

interface Options extends CommonOptions {
  readonly asOf?: string
  readonly allowShrink?: readonly string[]
}

export const verb: Verb = {
  register: (program) => {
    withCommonOptions(program.command('run'))
      .description('stitch, build models and audiences, and plan what to send')
      .argument('[selector...]', 'models and audiences to build, such as at_risk, +at_risk, tag:daily; all when absent')
      .option('--as-of <instant>', 'evaluate at this instant, such as 2026-06-30')
      .option('--allow-shrink <table...>', 'source tables that may lose most of their rows this once')
      .action(run)
  },
}

async function run(words: string[], options: Options): Promise<void> {
  const { json = false, asOf, allowShrink } = options
  const [done, plan] = await withOperations(options, async (operations) => {
    const ended = await withProgress('Running', { silent: json }, (report) =>
      followRun(operations, { selector: selectorOf(words), asOf, allowShrink }, report),
    )
    const planned = ended.steps.some(({ kind, state }) => kind === 'plan' && state === 'done')
    const { plan: newest } = planned
      ? await operations.execute<{ plan: PlanRow }>(`{ plan { ${PLAN_FIELDS} } }`)
      : { plan: undefined }
    return [ended, newest] as const
  })
  if (json) printJson({ run: done, plan: plan ?? null })
  else printRun(done, plan)
  if (done.state === 'stopped') process.exitCode = 3
  if (done.state === 'failed' || done.state === 'interrupted') {
    const failed = done.steps.filter(({ state }) => state === 'failed').map(({ name }) => name)
    const file = done.steps.find(({ state, kind }) => state === 'failed' && kind === 'source_table')
    throw new MusterError(
      file ? 'source_table_unreadable' : 'run_failed',
      `Run ${done.id} ${done.state}${failed.length > 0 ? ` at ${failed.join(', ')}` : ''}${done.error ? `: ${done.error}` : '.'}`,
    )
  }
}

function printRun(done: RunRow, plan: PlanRow | undefined): void {
  printLine(
    `Run ${done.id} as of ${done.asOf}${done.historic ? ' (historic: written to schemas that end in _asof)' : ''}, ${formatState(done.state)}`,
  )
  printTable(
    ['step', 'state', 'rows', 'ms', ''],
    done.steps.map(({ name, state, rows, ms, message }) => [name, formatState(state), rows, ms, message ?? '']),
  )
  if (!plan) return
  printLine()
  printPlan(plan)
  if (plan.syncs.some(({ state }) => state === 'ready')) printLine(`\nSend it with: muster apply ${plan.id}`)
}
