/**
 * Plays a recorded case over real HTTP, with rows shaped by a real warehouse.
 */
import pino from 'pino'
import { expect } from 'vitest'
import { type Effects, systemEffects } from '../core/effects.ts'
import { MusterError } from '../core/errors.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import type { RecordedCase } from './cases.ts'
import { compileRow } from './compile-row.ts'
import type { Connector } from './connector.ts'
import type { DeliveryRow, LiveDestination, Options, Outcome } from './delivery.ts'
import { openDestination } from './destination.ts'
import { ScriptedServer } from './scripted-server.ts'

/** Expects the recorded requests to leave, and the recorded outcomes. */
export async function playCase(
  warehouse: Warehouse,
  connector: Connector,
  settings: Options,
  recorded: RecordedCase,
): Promise<void> {
  await using server = new ScriptedServer(recorded.exchange.map(({ response }) => response))
  const live = openDestination({
    connector,
    settings,
    baseUrl: await server.listen(),
    allowPrivate: true,
    effects: repeatable(),
    logger: pino({ level: 'silent' }),
  })
  await play(warehouse, connector, live, recorded)
  const leave = server.received.map((request, place) =>
    ofNote(request, recorded.exchange[place]?.request.headers ?? {}),
  )
  expect(leave).toEqual(recorded.exchange.map(({ request }) => request))
}

async function play(
  warehouse: Warehouse,
  connector: Connector,
  live: LiveDestination,
  recorded: RecordedCase,
): Promise<void> {
  const { does, options, object } = recorded
  if (does === 'check' || does === 'find' || does === 'create') {
    expect(await result(live, does, options)).toEqual(recorded.result)
    return
  }
  const shaped = await shape(warehouse, connector, recorded)
  const rows = shaped.flatMap((row) => ('key' in row ? [row] : []))
  if (!object) throw new Error('a case of rows names its object')
  const outcomes = [...(await live.deliver({ object, options, operation: does, rows }))]
  const shown = shaped.map((row) => ('key' in row ? shownOutcome(outcomes.shift()) : row.invalid))
  expect(shown).toEqual(recorded.outcomes)
}

async function result(live: LiveDestination, does: 'check' | 'find' | 'create', options: RecordedCase['options']) {
  try {
    if (does === 'check') await live.check()
    if (does === 'find') return await live.findObject(options)
    if (does === 'create') return await live.createObject(options)
    return undefined
  } catch (error) {
    if (error instanceof MusterError) return { code: error.code, message: error.message }
    throw error
  }
}

/** The rows as the warehouse shapes them: a key and fields, or why they are invalid. */
async function shape(warehouse: Warehouse, connector: Connector, { rows, mapping, options, does }: RecordedCase) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const { key, fields, invalid, problems } = compileRow(connector, {
    columns,
    mapping,
    options,
    dialect: warehouse.dialect,
  })
  expect(problems).toEqual([])
  return warehouse.session(async (session) => {
    const types = Object.fromEntries(
      ['place', ...columns].map((column) => [column, column === 'place' ? ('int' as const) : ('string' as const)]),
    )
    const { relation } = await session.stage(
      types,
      rows.map((row, place) => ({ place, ...row })),
    )
    const found = await session.query<{ key: string; fields: string; invalid: string | null }>(
      `select ${key} as key, ${warehouse.dialect.jsonObject(fields)} as fields, ${invalid} as invalid from ${relation} order by place`,
    )
    return found.map((row): DeliveryRow | { invalid: string } => {
      if (row.invalid !== null) return { invalid: `invalid ${row.invalid}` }
      return { key: row.key, fields: does === 'remove' ? {} : JSON.parse(row.fields) }
    })
  })
}

function shownOutcome(outcome: Outcome | undefined): unknown {
  return outcome?.status === 'delivered' ? 'delivered' : outcome
}

function ofNote<T extends { readonly headers: Readonly<Record<string, string>> }>(
  request: T,
  noted: Readonly<Record<string, string>>,
): T {
  return {
    ...request,
    headers: Object.fromEntries(Object.keys(noted).map((name) => [name, request.headers[name] ?? ''])),
  }
}

/** Calls are numbered from 42, time stands still and nobody waits. */
function repeatable(): Effects {
  let ids = 41
  return {
    ...systemEffects,
    now: () => new Date('2026-09-01T00:00:00Z'),
    id: () => (ids++).toString(16).padStart(12, '0'),
    random: () => 0.5,
    sleep: async () => {},
  }
}
