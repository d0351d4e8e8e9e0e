import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atLeast, atMost, type Bench, exactly } from './bench.ts'
import { collectAndLand } from './load/end-to-end.ts'
import { importHistory } from './load/history-import.ts'
import { loaderOnDuckdb, loaderOnPostgres } from './load/loader-alone.ts'
import { loadOfShape } from './load/wide.ts'

const RATE = 20_000
const MILLISECONDS = 30_000
const EVENTS = 200_000
const IMPORT_BYTES = 1e9
const CURVE = [1, 10, 100, 1000] as const

type Part = Awaited<ReturnType<Bench['run']>>

/** Events from the sender to tables: end to end, the loader alone on both engines, history, and many names and columns. */
export const bench: Bench = {
  name: 'load',
  description: 'events from sender to tables: how fresh, how fast on each engine, imports, many names and columns',
  async run({ scale }) {
    const dir = await mkdtemp(join(tmpdir(), 'muster-bench-load-'))
    try {
      const parts = [
        await endToEnd(scale),
        await alone(dir, Math.max(1000, Math.round(EVENTS * scale))),
        await history(dir, IMPORT_BYTES * scale),
        await shapes(dir),
      ]
      return {
        figures: Object.assign({}, ...parts.map(({ figures }) => figures)),
        checks: parts.flatMap(({ checks }) => checks),
      }
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  },
}

async function endToEnd(scale: number): Promise<Part> {
  const { sent, landed, perSecond, p50, p99, workerMiB } = await collectAndLand(RATE, MILLISECONDS * scale)
  return {
    figures: {
      'end to end: events sent': sent,
      'end to end: until all was queryable (events/s)': Math.round(perSecond),
      'end to end: acknowledged to queryable, p50 (s)': p50,
      'end to end: acknowledged to queryable, p99 (s)': p99,
      "end to end: the worker's memory (MiB)": workerMiB,
    },
    checks: [
      exactly('end to end: events landed', landed, sent),
      atLeast('end to end (events/s)', perSecond, RATE * 0.9),
      atMost('end to end: p99 (s)', p99, 3),
    ],
  }
}

async function alone(dir: string, events: number): Promise<Part> {
  const duckdb = await loaderOnDuckdb(join(dir, 'duckdb'), events)
  const postgres = await loaderOnPostgres(join(dir, 'postgres'), events)
  return {
    figures: {
      'loader alone on DuckDB (events/s)': Math.round(duckdb.ours),
      'read_json into the same tables (events/s)': Math.round(duckdb.peer),
      'loader alone on Postgres (events/s)': Math.round(postgres.ours),
      'COPY into the same tables (events/s)': Math.round(postgres.peer),
    },
    checks: [
      atLeast('DuckDB: loader against read_json', duckdb.ours / duckdb.peer, 0.25),
      atLeast('Postgres: loader against COPY', postgres.ours / postgres.peer, 0.5),
    ],
  }
}

async function history(dir: string, bytes: number): Promise<Part> {
  const imported = await importHistory(join(dir, 'import'), bytes)
  return {
    figures: {
      'import: events': imported.events,
      'import: bytes': imported.bytes,
      'import (events/s)': Math.round(imported.perSecond),
      "import: memory beyond DuckDB's limit (MiB)": imported.beyondDuckdbMiB,
    },
    checks: [
      atLeast('import (events/s)', imported.perSecond, 50_000),
      atMost("import: memory beyond DuckDB's limit (MiB)", imported.beyondDuckdbMiB, 500),
    ],
  }
}

async function shapes(dir: string): Promise<Part> {
  const figures: Record<string, number> = {}
  for (const count of CURVE) {
    figures[`${count} event names (events/s)`] = Math.round(await loadOfShape(dir, count, 10))
  }
  for (const count of CURVE.slice(1)) {
    figures[`${count} columns of one event (events/s)`] = Math.round(await loadOfShape(dir, 1, count))
  }
  return { figures, checks: [] }
}
