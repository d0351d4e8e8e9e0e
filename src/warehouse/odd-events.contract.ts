/**
 * Whatever events hold, every engine lands them: each value is in a row, or in the discards with its reason.
 */

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { patient, runs } from '../core/test/patience.ts'
import { type AcceptedEvent, eventRows, isJsonObject } from '../event/index.ts'
import { PRIMARY_TABLES } from './event-schema.ts'
import { EventLoader, type Loadable } from './load-events.ts'
import { quoted } from './names.ts'
import { makeHeldRows } from './test/held-rows.ts'
import { ODD_EVENTS } from './test/odd-events.ts'
import type { Row, Warehouse } from './warehouse.ts'

const RECEIVED_AT = '2026-01-02T12:00:00.000Z'

/** What the warehouse holds of one event. */
interface Held {
  readonly tables: string[]
  readonly texts: Set<string>
  readonly reasons: string[]
}

export function oddEventsContract(open: () => Promise<Warehouse>): void {
  let warehouse: Warehouse
  let loader: EventLoader
  let loads = 0
  beforeAll(async () => {
    warehouse = await open()
    loader = new EventLoader({
      warehouse,
      numberOwners: async (_, owners) => owners.map(() => null),
      heldRows: await makeHeldRows(warehouse),
      now: () => new Date(),
    })
  })
  afterAll(() => warehouse[Symbol.asyncDispose]())

  const load = (events: readonly Loadable[]) => loader.load(events, { load: ++loads, also: async () => {} })

  async function expectWhole(schema: string, events: readonly AcceptedEvent[]): Promise<void> {
    const held = await heldIn(warehouse, schema)
    for (const event of events) {
      const of = held.get(event.messageId)
      expect(of?.tables.filter((table) => PRIMARY_TABLES.includes(table)) ?? []).toHaveLength(1)
      for (const leaf of leavesOf(event)) {
        if (!isHeld(leaf, of?.texts ?? new Set())) {
          throw new Error(`${JSON.stringify(leaf).slice(0, 200)} of ${JSON.stringify(event).slice(0, 300)} is nowhere`)
        }
      }
      for (const reason of of?.reasons ?? []) expect(reason.length).toBeGreaterThan(5)
    }
  }

  describe.each([1, Number.POSITIVE_INFINITY])('odd events, %d a load', (perLoad) => {
    test.each(ODD_EVENTS.map((odd, index) => ({ ...odd, index })))('$name', { timeout: 60_000 }, async (odd) => {
      const { index, events } = odd
      const schema = `odd_${index}_${perLoad === 1 ? 'one' : 'all'}`
      const accepted = events.map((event, n) => acceptedOf(event, n))
      const loadables = accepted.map((event, n) => loadableOf(schema, event, n))
      for (let from = 0; from < loadables.length; from += Math.min(perLoad, loadables.length)) {
        const part = loadables.slice(from, from + perLoad)
        expect(await load(part)).toMatchObject({ loaded: part.length, duplicates: 0, held: 0 })
      }
      await expectWhole(schema, accepted)
    })
  })

  test('whatever JSON they hold', { timeout: patient(120_000) }, async () => {
    const key = fc.oneof(fc.constantFrom('a', 'A', 'a b', 'id', 'name', 'order', '日本'), fc.string({ unit: 'binary' }))
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, tie('scalar'), tie('object'), fc.array(tie('scalar'), { maxLength: 3 })),
      scalar: fc.oneof(fc.string({ unit: 'binary' }), fc.double(), fc.integer(), fc.boolean(), fc.constant(null)),
      object: fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    }))
    const event = fc.record({
      type: fc.constantFrom('track', 'identify', 'page', 'group'),
      event: fc.oneof(fc.constantFrom('Same', 'Order Done'), fc.string({ unit: 'binary' })),
      properties: value,
      traits: value,
      context: value,
      timestamp: value,
      channel: value,
    })
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 8 }), async (events) => {
        const schema = `any_${run++ % 3}`
        const accepted = events.map((each, n) => acceptedOf(JSON.parse(JSON.stringify(each)), run * 100 + n))
        const result = await load(accepted.map((each, n) => loadableOf(schema, each, n)))
        expect(result.loaded).toBe(events.length)
        await expectWhole(schema, accepted)
      }),
      { numRuns: runs(12) },
    )
  })
}

/** What is held of each event, by its message id. */
async function heldIn(warehouse: Warehouse, schema: string): Promise<ReadonlyMap<string, Held>> {
  const held = new Map<string, Held>()
  for (const name of (await warehouse.columns(schema)).keys()) {
    const table = name.slice(schema.length + 1)
    const from = quoted(warehouse.dialect, schema, table)
    const rows = await warehouse.session((session) => session.query(`select * from ${from}`))
    for (const row of rows) addRow(held, table, row)
  }
  return held
}

function addRow(held: Map<string, Held>, table: string, row: Row): void {
  const id = String(table === 'discards' ? row.row_id : row.id)
  const of = held.get(id) ?? { tables: [], texts: new Set<string>(), reasons: [] }
  held.set(id, of)
  if (table === 'discards') {
    of.texts.add(String(row.column_value))
    of.reasons.push(String(row.reason))
  } else {
    of.tables.push(table)
    for (const value of Object.values(row)) if (value !== null) of.texts.add(textOf(value))
  }
}

function acceptedOf(event: Readonly<Record<string, unknown>>, n: number): AcceptedEvent {
  const ids = { messageId: `m${n}`, userId: 'u', receivedAt: RECEIVED_AT, request_ip: '203.0.113.7' }
  // Read as the log is, so that what JSON cannot say is as it arrives.
  return JSON.parse(JSON.stringify({ ...event, ...ids }))
}

function loadableOf(source: string, event: AcceptedEvent, position: number): Loadable {
  const rows = eventRows({ source, receivedAt: RECEIVED_AT, requestIp: '', event })
  return { ...rows, source, position }
}

function textOf(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value)
}

/** Every value that is not blank, of the members that become columns. */
function leavesOf({ type, properties, traits, context, event, channel, timestamp }: AcceptedEvent): readonly unknown[] {
  return [properties, traits, context, channel, timestamp, ...(type === 'track' ? [event] : [])].flatMap(leaves)
}

function leaves(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap(leaves)
  if (isJsonObject(value)) return Object.values(value).flatMap(leaves)
  return value === null || value === undefined || value === '' ? [] : [value]
}

/** Whether a value is held as it is, as the instant it means, or within JSON text. */
function isHeld(leaf: unknown, texts: ReadonlySet<string>): boolean {
  const text = String(leaf === 0 ? 0 : leaf)
    .toWellFormed()
    .replaceAll('\0', '\ufffd')
  if (texts.has(text) || (typeof leaf === 'string' && texts.has(instantOf(leaf)))) return true
  const quoted = typeof leaf === 'string' ? JSON.stringify(text).slice(1, -1) : text
  // A text spread over numbered keys is held in one piece.
  return [...texts].some((each) => each.includes(quoted))
}

function instantOf(text: string): string {
  const instant = new Date(/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:[\d.]+)?$/.test(text) ? `${text}Z` : text)
  return Number.isNaN(instant.getTime()) ? text : instant.toISOString()
}
