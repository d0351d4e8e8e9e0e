import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { pino } from 'pino'
import { systemEffects } from '../src/core/effects.ts'
import { eventRows } from '../src/event/index.ts'
import { Identity } from '../src/identity/index.ts'
import { encodeRecord, openLogReader, openLogWriter } from '../src/log/index.ts'
import { Landing, WarehouseConsumer } from '../src/pipeline/index.ts'
import { requireProject } from '../src/project/index.ts'
import { openState } from '../src/state/state.ts'
import { EventLoader } from '../src/warehouse/load-events.ts'
import { openWarehouse } from '../src/warehouse/open-warehouse.ts'
import type { Bench } from './bench.ts'
import { shopEvent } from './load/shop-events.ts'

const EVENTS = 200_000
const APPEND = 1000
const LEAST_SHARE = 0.1
const MOST_MEMORY_MIB = 900
const MIB = 2 ** 20

/** The warehouse consumer from a full log to event tables, against DuckDB reading the same rows into one table. */
export const bench: Bench = {
  name: 'landing',
  description: 'events from the log to the warehouse: flattened, once each, numbered, with users',
  async run({ scale }) {
    const dir = await mkdtemp(join(tmpdir(), 'muster-bench-landing-'))
    const events = Math.max(APPEND, Math.round(EVENTS * scale))
    try {
      await writeProject(dir)
      await fillLog(join(dir, '.muster', 'log'), events)
      const land = await landAll(dir)
      const limit = await readPlain(dir, events)
      const share = land.perSecond / limit.perSecond
      return {
        figures: {
          events,
          'landing (events/s)': Math.round(land.perSecond),
          'landing again (events/s)': Math.round(land.againPerSecond),
          'landing (CPU seconds)': land.cpu,
          'read_json of the same rows (events/s)': Math.round(limit.perSecond),
          'rows a second, read_json': Math.round(limit.rowsPerSecond),
          'memory beside what the process had (MiB)': Math.round(land.memory / MIB),
        },
        checks: [
          { name: 'landing against read_json', value: share, target: `>= ${LEAST_SHARE}`, ok: share >= LEAST_SHARE },
          { name: 'events landed', value: land.landed, target: `${events}`, ok: land.landed === events },
          {
            name: 'memory (MiB)',
            value: Math.round(land.memory / MIB),
            target: `<= ${MOST_MEMORY_MIB}`,
            ok: land.memory <= MOST_MEMORY_MIB * MIB,
          },
        ],
      }
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  },
}

async function writeProject(dir: string): Promise<void> {
  await writeFile(join(dir, 'muster.yaml'), 'version: 1\nsources:\n  shop: { write_key: shop }\n')
}

const recordOf = (n: number) => {
  const event = shopEvent(n)
  return { kind: 'event', source: 'shop', receivedAt: event.receivedAt, requestIp: '203.0.113.1', event } as const
}

async function fillLog(dir: string, events: number): Promise<void> {
  await using writer = await openLogWriter({ dir, maxDiskBytes: 1e12 })
  for (let from = 0; from < events; from += APPEND) {
    const records = Array.from({ length: Math.min(APPEND, events - from) }, (_, index) => recordOf(from + index))
    await writer.append(
      records.map((record) => ({ key: String(record.event.anonymousId), payload: encodeRecord(record) })),
    )
  }
}

/** Lands the log, then the same log once more, all of it duplicates. */
async function landAll(dir: string) {
  const project = await requireProject(dir, { variables: {} })
  await using warehouse = await openWarehouse(project)
  const state = await openState(warehouse, 'muster')
  const identity = new Identity(project, warehouse)
  await identity.open()
  const loader = new EventLoader({
    warehouse,
    numberOwners: identity.numberOwners,
    heldRows: state.name('held_rows'),
    now: systemEffects.now,
  })
  const landing = new Landing(state, loader, systemEffects)
  await using log = openLogReader({ dir: project.log.dir })
  const { dedupWindowMs, landing: batch } = project
  const settings = {
    log,
    landing,
    state,
    dedupWindowMs,
    batch,
    effects: systemEffects,
    logger: pino({ level: 'silent' }),
  }
  const memory = watchMemory()
  const cpuBefore = process.cpuUsage()
  const first = await seconds(() => new WarehouseConsumer(settings).catchUp(undefined, { alone: true }))
  const used = memory.stop()
  const { user, system } = process.cpuUsage(cpuBefore)
  const head = await log.head()
  await state.transaction((session) => session.run(state.table('offsets').delete()))
  const second = await seconds(() => new WarehouseConsumer(settings).catchUp(undefined, { alone: true }))
  const tables = ['tracks', 'pages', 'identifies', 'groups'].map((table) => `select count(*) as n from shop.${table}`)
  const counts = await warehouse.session((session) => session.query<{ n: number }>(tables.join(' union all ')))
  return {
    perSecond: head / first,
    againPerSecond: head / second,
    cpu: (user + system) / 1e6,
    landed: counts.reduce((sum, { n }) => sum + n, 0),
    memory: used,
  }
}

/** The rows that landing makes, from one file into one table; the file is there already. */
async function readPlain(dir: string, events: number) {
  const file = join(dir, 'rows.ndjson')
  const types = new Map<string, string>()
  let rows = 0
  function* lines() {
    for (let n = 0; n < events; n++) {
      for (const { table, values } of eventRows(recordOf(n)).rows) {
        if (table === 'users') continue
        const row: Record<string, unknown> = { table }
        for (const [column, { type, value }] of Object.entries(values)) {
          types.set(column, type)
          row[column] = value
        }
        rows += 1
        yield `${JSON.stringify(row)}\n`
      }
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(file))
  const instance = await DuckDBInstance.create(join(dir, 'plain.duckdb'))
  const connection = await instance.connect()
  const engineTypes: Readonly<Record<string, string>> = { int: 'bigint', float: 'double', datetime: 'timestamptz' }
  const columns = [...types].map(([column, type]) => `'${column}': '${engineTypes[type] ?? 'varchar'}'`)
  const read = `read_json('${file}', format = 'newline_delimited', columns = {'table': 'varchar', ${columns.join(', ')}})`
  const took = await seconds(() => connection.run(`create table rows as select * from ${read}`))
  connection.closeSync()
  instance.closeSync()
  return { perSecond: events / took, rowsPerSecond: rows / took }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

/** The most memory that was in use at once, beyond what was when it began. */
function watchMemory(): { stop(): number } {
  const before = process.memoryUsage.rss()
  let most = before
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss())
  }, 50)
  return {
    stop() {
      clearInterval(timer)
      return most - before
    },
  }
}
