/**
 * Obstacles: what people and other programs do to a Postgres warehouse while events land in it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Expected, SentEvent } from './expected.ts'
import { type Receiver, send } from './traffic.ts'

const TABLES = ['order_completed', 'tracks', 'identifies'] as const
const PRICES = 20
const LOOK_MS = 200
const PAUSE_MS = 3000

export interface Met {
  alterations: number
  views: number
}

interface Scene extends Receiver {
  /** Of the database. */
  readonly database: string
  /** Resolves once all that was acknowledged before has landed. */
  readonly landed: () => Promise<void>
}

/** Puts one obstacle after the other in the way until the signal; none is left behind. */
export async function putInTheWay(scene: Scene, signal: AbortSignal): Promise<Met> {
  const met = { alterations: 0, views: 0 }
  for (let round = 0; !signal.aborted; round++) {
    await renameAway(scene, TABLES[round % TABLES.length] ?? TABLES[0], signal)
    met.alterations += 1
    await sleep(PAUSE_MS)
    if (signal.aborted) break
    await watchColumn(scene, round)
    met.views += 1
  }
  return met
}

/** Rows of the table are held from the moment that its column is gone until it is there again. */
async function renameAway({ database }: Scene, table: string, signal: AbortSignal): Promise<void> {
  await until(async () => (await columnsOf(database, table)).has('received_at'))
  await rename(database, table, 'received_at', 'taken_away')
  await until(async () => {
    const rows = await query(database, 'select 1 from muster.held_rows where waits_for = $1 limit 1', [table])
    return rows.length > 0 || signal.aborted
  })
  await sleep(PAUSE_MS)
  await rename(database, table, 'taken_away', 'received_at')
}

/** A statement whose connection died may have been carried out all the same. */
async function rename(database: string, table: string, from: string, to: string): Promise<void> {
  await until(async () => {
    const columns = await columnsOf(database, table)
    if (columns.has(from)) await query(database, `alter table web.${table} rename column ${from} to ${to}`)
    return columns.has(to)
  })
}

/** While somebody's view reads a column of whole numbers, fractions are discarded; afterwards the column widens. */
async function watchColumn(scene: Scene, round: number): Promise<void> {
  const { database, expected, landed } = scene
  const column = `price_${round}`
  const prices = async (name: string, price: number) => {
    await send(scene, pricesSeen(`${round}-${name}`, column, price))
    await landed()
  }
  await prices('whole', 7)
  await until(
    async () =>
      (await query(database, `create or replace view public.prices as select ${column} from web.price_seen`)) && true,
  )
  await prices('watched', 7.5)
  noteDiscards(expected, `${round}-watched`, column)
  await until(async () => (await query(database, 'drop view if exists public.prices')) && true)
  await prices('free', 8.5)
}

function pricesSeen(id: string, column: string, price: number): readonly SentEvent[] {
  return Array.from({ length: PRICES }, (_, index) => ({
    type: 'track',
    event: 'Price Seen',
    messageId: `${id}-${index}`,
    userId: 'buyer',
    timestamp: '2026-05-01T00:00:00Z',
    properties: { [column]: price },
  }))
}

function noteDiscards({ discards }: Expected, id: string, column: string): void {
  for (let index = 0; index < PRICES; index++) discards.add(`${id}-${index} ${column} 7.5`)
}

async function columnsOf(database: string, table: string): Promise<ReadonlySet<unknown>> {
  const rows = await query(
    database,
    `select column_name from information_schema.columns where table_schema = 'web' and table_name = $1`,
    [table],
  )
  return new Set(rows.map((row) => row.column_name))
}

async function query(database: string, sql: string, values: readonly unknown[] = []) {
  const client = new pg.Client(database)
  client.on('error', () => {}) // the statement fails with it
  try {
    await client.connect()
    const { rows } = await client.query<Record<string, unknown>>(sql, [...values])
    return rows
  } finally {
    await client.end().catch(() => {}) // the server may be gone
  }
}

/** Tries on while the server is away. */
async function until(done: () => Promise<boolean>): Promise<void> {
  while (!(await done().catch(wasAway))) await sleep(LOOK_MS)
}

/** Throws what the server says of the statement itself. */
function wasAway(error: unknown): false {
  if (error instanceof pg.DatabaseError && !/^(08|57|40)/.test(error.code ?? '')) throw error
  return false
}
