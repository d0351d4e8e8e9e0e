import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { Identity } from '../../src/identity/index.ts'
import { requireProject } from '../../src/project/index.ts'
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts'
import { land, type RawRows } from './raw-identifiers.ts'

const DUCKDB_MIB = 6144
const THREADS = 2
const MIB = 2 ** 20

/** Two types that no limit keeps apart, for graphs of one shape. */
const FREE = { limit: 1_000_000_000, shared_above: 1_000_000_000 }
const SOURCES = ['web', 'crm', 'billing', 'shape']

/** A project of its own in a new folder. */
export async function makeProject(dir: string): Promise<void> {
  await mkdir(join(dir, '.muster'), { recursive: true })
  const settings = {
    version: 1,
    warehouse: { threads: THREADS, memory_limit: `${DUCKDB_MIB}MB` },
    sources: Object.fromEntries(SOURCES.map((name) => [name, { write_key: name }])),
    identity: { types: { left_id: FREE, right_id: FREE } },
  }
  await writeFile(join(dir, 'muster.yaml'), JSON.stringify(settings))
}

/** The project's warehouse as any program opens it, while Muster does not. */
export async function onPlainDuckdb<T>(dir: string, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const options = { threads: `${THREADS}`, memory_limit: `${DUCKDB_MIB}MB`, preserve_insertion_order: 'false' }
  const instance = await DuckDBInstance.create(join(dir, '.muster', 'warehouse.duckdb'), options)
  const connection = await instance.connect()
  try {
    await connection.run(`set TimeZone = 'UTC'`)
    return await work(connection)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

export function landRows(dir: string, load: number, rows: readonly RawRows[]): Promise<void> {
  return onPlainDuckdb(dir, (connection) => land(connection, load, rows))
}

export interface Spent {
  readonly seconds: number
  /** Of all threads. */
  readonly cpuSeconds: number
}

export async function spentOn<T>(work: () => Promise<T>): Promise<Spent & { readonly result: T }> {
  const cpu = process.cpuUsage()
  const began = performance.now()
  const result = await work()
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return { result, seconds, cpuSeconds: (user + system) / 1e6 }
}

export interface Stitched extends Spent {
  readonly identifiers: number
  readonly edges: number
  readonly profiles: number
  readonly refused: number
  /** The most resident memory, beyond what DuckDB may use. */
  readonly beyondDuckdbMiB: number
  /** The most that the heap and arrays of JavaScript held beyond what they held before. */
  readonly heapBytes: number
}

/** One run of identity, up to this load. */
export async function stitchUpTo(dir: string, load: number): Promise<Stitched> {
  const project = await requireProject(dir, { variables: {} })
  await using warehouse = await openWarehouse(project)
  const memory = new MemoryWatch()
  const identity = new Identity(project, warehouse)
  const { result, seconds, cpuSeconds } = await spentOn(async () => {
    await identity.open()
    return identity.run({ run: load, asOf: new Date(), load, historic: false })
  })
  const most = memory.end()
  const [counted] = await warehouse.session((session) =>
    session.query<{ edges: number }>(`select count(*) as edges from ${identity.names.table('identity', 'edges')}`),
  )
  const { identifiers, profiles, refused } = result
  return {
    ...{ identifiers, profiles, refused, edges: counted?.edges ?? 0, seconds, cpuSeconds },
    beyondDuckdbMiB: Math.max(0, Math.round(most.rss / MIB - DUCKDB_MIB)),
    heapBytes: most.heap,
  }
}

const heapOf = ({ heapUsed, arrayBuffers }: NodeJS.MemoryUsage): number => heapUsed + arrayBuffers

class MemoryWatch {
  readonly #before = heapOf(process.memoryUsage())
  readonly #timer = setInterval(() => this.#look(), 100)
  #rss = 0
  #heap = 0

  end(): { readonly rss: number; readonly heap: number } {
    clearInterval(this.#timer)
    this.#look()
    return { rss: this.#rss, heap: this.#heap }
  }

  #look(): void {
    const now = process.memoryUsage()
    this.#rss = Math.max(this.#rss, now.rss)
    this.#heap = Math.max(this.#heap, heapOf(now) - this.#before)
  }
}
