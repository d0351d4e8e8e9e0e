/**
 * Delivers one batch: the steps of an operation one after another, halving where a refusal does not name its rows.
 */
import type { Refusal } from './answer.ts'
import type { Connector } from './connector.ts'
import type { DeliverInput, DeliveryRow, Options, Outcome } from './delivery.ts'
import type { ProgramCall, ProgramStep } from './program.ts'
import { asOutcome, readRows } from './read-rows.ts'
import { evaluateQuery, type VendorClient } from './vendor-client.ts'

export interface BatchContext {
  readonly connector: Connector
  readonly client: VendorClient
  /** Without secrets. */
  readonly settings: Options
  /** A positive whole number, below 2^48, that no other call has. */
  readonly nextId: () => number
}

/** What paths, queries and envelopes of a call may read. */
interface RequestInput {
  readonly settings: Options
  readonly options: Options
  readonly object: DeliverInput['object']
  readonly operation: string
  /** With the vendor's names of fields. */
  readonly rows: readonly DeliveryRow[]
  /** The only row of a call that is made for each. */
  readonly row: DeliveryRow | undefined
  /** The vendor's names of the key and of the fields there are … */
  readonly schema: readonly string[]
  /** … and each row's values in that order, empty text for none. */
  readonly cells: readonly (readonly string[])[]
  /** New for each attempt. */
  readonly id: number
}

/** Calls that may be spent on finding out which rows of a batch were refused. */
const HALVING_CALLS = 200

type Work = Omit<DeliverInput, 'rows'> & { readonly context: BatchContext; readonly budget: { calls: number } }

export async function deliverBatch(
  context: BatchContext,
  { rows, ...input }: DeliverInput,
): Promise<readonly Outcome[]> {
  const work: Work = { ...input, context, budget: { calls: HALVING_CALLS } }
  let outcomes: readonly Outcome[] = rows.map(() => ({ status: 'delivered' }))
  for (const step of context.connector.program.operations[input.operation]) {
    if (step.when && !(await step.when({ options: input.options }))) continue
    outcomes = await takeStep(work, step, rows, outcomes)
  }
  return outcomes
}

async function takeStep(
  work: Work,
  { call, only }: ProgramStep,
  rows: readonly DeliveryRow[],
  before: readonly Outcome[],
) {
  const takes = (outcome: Outcome | undefined) =>
    outcome !== undefined &&
    (only === undefined ? outcome.status === 'delivered' : 'code' in outcome && outcome.code === only)
  const taken = rows.filter((_, index) => takes(before[index]))
  if (taken.length === 0) return before
  const answered = (call.per === 'row' ? await eachRow(work, call, taken) : await perform(work, call, taken)).values()
  return before.map((outcome) => (takes(outcome) ? (answered.next().value ?? outcome) : outcome))
}

async function eachRow(work: Work, call: ProgramCall, rows: readonly DeliveryRow[]): Promise<readonly Outcome[]> {
  const outcomes = await Promise.all(rows.map((row) => perform(work, call, [row])))
  return outcomes.flat()
}

async function perform(work: Work, call: ProgramCall, rows: readonly DeliveryRow[]): Promise<readonly Outcome[]> {
  const { context, signal, options, operation } = work
  const answer = await context.client.send(await requestOf(work, call, rows), signal)
  if (!answer.ok && answer.refusal.status !== undefined && call.gone.includes(answer.refusal.status)) {
    return rows.map(() => ({ status: 'delivered' }))
  }
  if (!answer.ok) return refusedRows(work, call, rows, answer.refusal)
  const read = await readRows(context.connector, call.read, { ...answer.response, rows, options, operation })
  if ('outcomes' in read) return read.outcomes
  // The rows are at the vendor but for some it does not name; sending them again changes nothing.
  const message = `The vendor refused some of ${rows.length} rows and did not say which.`
  return halve(work, call, rows, { status: 'in_doubt', code: 'not_named', message })
}

/** A refusal for what rows are, in a call of several, may be about one of them. */
function refusedRows(work: Work, call: ProgramCall, rows: readonly DeliveryRow[], refusal: Refusal) {
  const outcome = asOutcome(refusal)
  if (refusal.outcome !== 'rejected' || rows.length === 1) return rows.map(() => outcome)
  return halve(work, call, rows, { status: 'failed', code: refusal.code, message: refusal.message })
}

async function halve(
  work: Work,
  call: ProgramCall,
  rows: readonly DeliveryRow[],
  otherwise: Outcome,
): Promise<readonly Outcome[]> {
  const { budget } = work
  if (budget.calls < 2) return rows.map(() => otherwise)
  budget.calls -= 2
  const middle = Math.ceil(rows.length / 2)
  const first = await perform(work, call, rows.slice(0, middle))
  return [...first, ...(await perform(work, call, rows.slice(middle)))]
}

async function requestOf(work: Work, call: ProgramCall, rows: readonly DeliveryRow[]) {
  const { context, options, object, operation } = work
  const { key, fields } = context.connector.manifest
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.fields)))]
  const vendorName = (name: string) => fields[name]?.as ?? name
  const renamed = rows.map((row) => ({
    key: row.key,
    fields: Object.fromEntries(Object.entries(row.fields).map(([name, value]) => [vendorName(name), value])),
  }))
  const input: Omit<RequestInput, 'id'> = {
    settings: context.settings,
    options,
    object,
    operation,
    rows: renamed,
    row: call.per === 'row' ? renamed[0] : undefined,
    schema: [key, ...names].map(vendorName),
    cells: rows.map((row) => [row.key, ...names.map((name) => row.fields[name] ?? '')]),
  }
  const { envelope } = call
  return {
    method: call.method,
    path: await call.path(input),
    query: await evaluateQuery(call.query, input),
    ...(envelope && { body: () => envelope({ ...input, id: context.nextId() }) }),
  }
}
