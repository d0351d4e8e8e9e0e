/**
 * Reads from an answer what became of each row of a call.
 */
import type { Refusal, VendorResponse } from './answer.ts'
import { declaredError, quoted } from './classify.ts'
import type { Connector } from './connector.ts'
import type { DeliveryRow, Outcome } from './delivery.ts'
import { listOf } from './expressions.ts'
import type { ProgramRead } from './program.ts'

/** Outcomes in the order of the rows, or what is left to find out: which of the rows the vendor refused. */
export type RowsRead = { readonly outcomes: readonly Outcome[] } | { readonly hidden: Outcome }

export interface AnswerInput extends VendorResponse {
  readonly rows: readonly DeliveryRow[]
  readonly options: object
  readonly operation: string
}

const DELIVERED: Outcome = { status: 'delivered' }

export async function readRows(connector: Connector, read: ProgramRead, input: AnswerInput): Promise<RowsRead> {
  const { rows } = input
  switch (read.kind) {
    case 'atomic':
      return { outcomes: rows.map(() => DELIVERED) }
    case 'per_row_index': {
      const refused = await refusals(connector, read.refused, input, 'index')
      return { outcomes: rows.map((_, index) => refused.get(String(index)) ?? DELIVERED) }
    }
    case 'per_row_id':
      return { outcomes: await byId(connector, read, input) }
    case 'counts_only':
      return byCount(read, input)
  }
}

async function byId(
  connector: Connector,
  { refused: expression, acknowledged }: Extract<ProgramRead, { kind: 'per_row_id' }>,
  input: AnswerInput,
): Promise<readonly Outcome[]> {
  const refused = await refusals(connector, expression, input, 'id')
  const taken = acknowledged && new Set(listOf(await acknowledged(input)).map(String))
  return input.rows.map(
    ({ key }) => refused.get(key) ?? (taken && !taken.has(key) ? notAnswered(connector) : DELIVERED),
  )
}

function notAnswered({ manifest: { title } }: Connector): Outcome {
  return { status: 'in_doubt', code: 'not_answered', message: `${title} took the call and said nothing of this row.` }
}

async function refusals(
  connector: Connector,
  expression: (input: object) => Promise<unknown>,
  input: AnswerInput,
  name: 'id' | 'index',
): Promise<ReadonlyMap<string, Outcome>> {
  const refused = new Map<string, Outcome>()
  for (const entry of listOf(await expression(input))) {
    const fields = entry as Readonly<Record<string, unknown>> // the manifest says what the expression gives
    refused.set(
      String(fields[name]),
      rowOutcome(connector, String(fields.code ?? 'refused'), String(fields.message ?? '')),
    )
  }
  return refused
}

function rowOutcome({ manifest }: Connector, code: string, says: string): Outcome {
  const known = declaredError(manifest, code, says)
  if (known) return asOutcome(known)
  return { status: 'rejected', code, message: quoted(manifest.title, says) }
}

export function asOutcome({ outcome, code, message }: Pick<Refusal, 'outcome' | 'code' | 'message'>): Outcome {
  return outcome === 'delivered' ? { status: 'delivered' } : { status: outcome, code, message }
}

async function byCount(
  { received, invalid, samples }: Extract<ProgramRead, { kind: 'counts_only' }>,
  input: AnswerInput,
): Promise<RowsRead> {
  const { rows } = input
  const arrived = Number(await received(input))
  if (arrived !== rows.length) {
    const message = `${rows.length} rows were sent and ${arrived} arrived.`
    return { outcomes: rows.map(() => ({ status: 'in_doubt', code: 'count_mismatch', message })) }
  }
  const refused = Number((await invalid(input)) ?? 0)
  if (refused === 0) return { outcomes: rows.map(() => DELIVERED) }
  const named = new Set(listOf(await samples?.(input)).map(String))
  const found = rows.map(
    ({ key, fields }) => named.has(key) || Object.values(fields).some((value) => value !== null && named.has(value)),
  )
  const rejection: Outcome = {
    status: 'rejected',
    code: 'invalid_entry',
    message: 'The vendor counted this row as invalid.',
  }
  if (rows.length > 1 && found.filter(Boolean).length !== refused) return { hidden: rejection }
  return { outcomes: rows.map((_, index) => (rows.length === 1 || found[index] ? rejection : DELIVERED)) }
}
