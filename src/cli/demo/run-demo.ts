/**
 * The demo: a company's whole path, from events sent by a real SDK to members at two destinations.
 */
import { join } from 'node:path'
import colors from 'picocolors'
import { systemEffects } from '../../core/effects.ts'
import { MusterError } from '../../core/errors.ts'
import { createLogger, type Operations, openOperations, type Serving, serve } from '../../server/index.ts'
import { followApply, followRun, type RunRow } from '../follow.ts'
import { PLAN_FIELDS, type PlanRow, printApplied, printPlan } from '../plan-table.ts'
import { formatNumber, printLine, printTable } from '../print.ts'
import { bar, withProgress } from '../progress.ts'
import { type DemoState, readDemoState, writeDemoState } from './demo-state.ts'
import { type Company, type Example, exampleFolder, loadExample, type Verdict } from './example.ts'

const SEED = 20_260
const WRITE_KEY = 'harbor-web'
const LOUD = { silent: false }

export interface DemoOptions {
  readonly port: number | undefined
  /** Resolves when the demo is to stop. */
  readonly stopped: Promise<void>
  /** Ends after the summary. */
  readonly once: boolean
}

export async function runDemo({ port, stopped, once }: DemoOptions): Promise<void> {
  const began = performance.now()
  const folder = exampleFolder()
  const example = await loadExample()
  const before = await readDemoState(folder)
  const state = before ?? { seed: SEED, end: systemEffects.now().toISOString(), sent: false }
  printLine(
    colors.bold('Harbor, a company that sells project-management software') +
      (before ? ' (kept from an earlier start)' : ''),
  )
  const company = await makeCompany(example, folder, state, before === undefined)
  await using serving = await start(folder, port)
  await using operations = await openOperations({
    dir: folder,
    env: 'dev',
    effects: systemEffects,
    logger: createLogger('demo'),
  })
  if (!state.sent) {
    await send(example, serving, company)
    await writeDemoState(folder, { ...state, sent: true })
  }
  await land(operations)
  const run = await withProgress('Stitching people, building models and audiences', LOUD, (report) =>
    followRun(operations, {}, report),
  )
  if (run.state === 'failed') throw new MusterError('run_failed', `Run ${run.id} failed: ${failuresOf(run)}`)
  await activate(operations)
  const verdicts = await verify(example, operations)
  await summarise(operations, { serving, run, verdicts, seconds: (performance.now() - began) / 1000 })
  if (once) return
  printLine(colors.dim('\nEverything stays up until Ctrl-C.'))
  await stopped
}

function makeCompany(example: Example, folder: string, state: DemoState, fresh: boolean): Promise<Company> {
  return withProgress('Making its billing, CRM and product data', LOUD, async () => {
    const company = example.generateCompany({ seed: state.seed, end: new Date(state.end) })
    if (fresh) {
      await example.writeTables(company, join(folder, 'data'))
      await writeDemoState(folder, state)
    }
    return company
  })
}

function start(folder: string, port: number | undefined): Promise<Serving> {
  return withProgress('Starting collector and worker', LOUD, () =>
    serve({ dir: folder, env: 'dev', port, effects: systemEffects, logger: createLogger('server') }),
  )
}

async function send(example: Example, { url }: Serving, company: Company): Promise<void> {
  const title = `Sending ${formatNumber(company.eventCount)} events with @segment/analytics-node`
  const { failed, reasons } = await withProgress(title, LOUD, (report) =>
    example.sendEvents({
      url,
      writeKey: WRITE_KEY,
      messages: example.events(company),
      onProgress: ({ sent }) => report(bar(sent, company.eventCount)),
    }),
  )
  if (failed > 0) throw new MusterError('internal', `${failed} events were not accepted: ${JSON.stringify(reasons)}`)
}

function land(operations: Operations): Promise<void> {
  return withProgress('Landing them in the warehouse', LOUD, async (report) => {
    for (;;) {
      const { status } = await operations.execute<{ status: { lag: number; logHead: number } }>(
        '{ status { lag logHead } }',
      )
      if (status.lag === 0) return
      report(bar(status.logHead - status.lag, status.logHead))
      await systemEffects.sleep(200)
    }
  })
}

/** Shows the plan, then executes it. */
async function activate(operations: Operations): Promise<void> {
  const { plan } = await operations.execute<{ plan: PlanRow }>(`{ plan { ${PLAN_FIELDS} } }`)
  printLine()
  printPlan(plan)
  printLine()
  const applied = await withProgress(`Applying plan ${plan.id} to the twins`, LOUD, (report) =>
    followApply(operations, plan.id, report),
  )
  printApplied(applied)
  printLine()
}

function verify(example: Example, operations: Operations): Promise<readonly Verdict[]> {
  return withProgress('Comparing what the twins hold with the tables', LOUD, async () => {
    const { destinations } = await operations.execute<{ destinations: readonly { name: string; twinUrl: string }[] }>(
      '{ destinations { name twinUrl } }',
    )
    const query = async (sql: string) => {
      const { rows } = await operations.execute<{ rows: { rows: readonly Readonly<Record<string, unknown>>[] } }>(
        'query ($sql: String!) { rows(sql: $sql, limit: 10000) { rows } }',
        { sql },
      )
      return rows.rows
    }
    return example.verifyTwins(query, Object.fromEntries(destinations.map(({ name, twinUrl }) => [name, twinUrl])))
  })
}

interface Summary {
  readonly serving: Serving
  readonly run: RunRow
  readonly verdicts: readonly Verdict[]
  readonly seconds: number
}

async function summarise(operations: Operations, { serving, verdicts, seconds }: Summary): Promise<void> {
  const { status, audiences, destinations } = await operations.execute<{
    status: { events: number; identifiers: number; profiles: number; rejected: number; discards: number }
    audiences: readonly { name: string; size: number; description: string }[]
    destinations: readonly { name: string; title: string; twinUrl: string }[]
  }>(
    '{ status { events identifiers profiles rejected discards } audiences { name size description } destinations { name title twinUrl } }',
  )
  const { events, identifiers, profiles, rejected, discards } = status
  printLine(
    `${formatNumber(events)} events, ${formatNumber(rejected)} rejected, ${formatNumber(discards)} values discarded; ${formatNumber(identifiers)} identifiers are ${formatNumber(profiles)} profiles.`,
  )
  printLine()
  printTable(
    ['audience', 'members', 'who'],
    audiences.map(({ name, size, description }) => [name, size, description]),
  )
  printLine()
  printTable(
    ['sync', 'must hold', 'twin holds', 'missing', 'surplus', ''],
    verdicts.map(({ sync, expected, held, missing, surplus }) => [
      sync,
      expected,
      held,
      missing,
      surplus,
      missing + surplus === 0 ? colors.green('exact') : colors.red('wrong'),
    ]),
  )
  printLine()
  printLine(`The flow        ${serving.url}/`)
  printLine(`GraphQL         ${serving.url}/graphql`)
  for (const { title, twinUrl } of destinations) printLine(`Twin            ${twinUrl}  (${title})`)
  printLine(`Ready after ${seconds.toFixed(1)} s.`)
  const wrong = verdicts.filter(({ missing, surplus }) => missing + surplus > 0)
  if (wrong.length > 0)
    throw new MusterError(
      'internal',
      `The twins do not hold what the tables say: ${wrong.map(({ sync }) => sync).join(', ')}.`,
    )
}

function failuresOf({ steps, error }: RunRow): string {
  const failed = steps.filter(({ state }) => state === 'failed').map(({ name, message }) => `${name}: ${message}`)
  return failed.join('; ') || (error ?? '')
}
