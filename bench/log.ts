import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LogEntry, type LogWriter, openLogReader, openLogWriter } from '../src/log/index.ts'
import { atLeast, type Bench, exactly } from './bench.ts'
import { perSecond, rawAppends } from './load/raw-disk.ts'
import { sampleEvent } from './load/sample-event.ts'

const GROUP = 1000
/** One group is framed while the disk is busy with the other. */
const IN_FLIGHT = 2
const CLIENTS = 64
const MILLISECONDS = 2000
const ROUNDS = 3
const READ = { maxRecords: 50_000, maxBytes: 16 * 1024 * 1024 }

const payload = Buffer.from(JSON.stringify(sampleEvent))
const entry: LogEntry = { key: sampleEvent.anonymousId, payload }

/** The log's writer and reader against bare appends, each followed by fdatasync, of the same payloads. */
export const bench: Bench = {
  name: 'log',
  description: 'durable appends to the event log, and reading it back',
  async run({ scale }) {
    const dir = await mkdtemp(join(tmpdir(), 'muster-bench-log-'))
    const milliseconds = MILLISECONDS * scale
    try {
      await using writer = await openLogWriter({ dir: join(dir, 'log'), maxDiskBytes: 1e12 })
      const rates = await appendRates(dir, writer, milliseconds)
      const { records, seconds } = await readAll(join(dir, 'log'))
      const figures = {
        'groups of 1000, two in flight (events/s)': Math.round(rates.groups * GROUP),
        'groups of 1000, raw (events/s)': Math.round(rates.rawGroups * GROUP),
        'one at a time (appends/s)': Math.round(rates.single),
        'one at a time, raw (appends/s)': Math.round(rates.rawSingle),
        '64 clients, one each at a time (appends/s)': Math.round(rates.clients),
        'read back (events/s)': Math.round(records / seconds),
        'event (bytes)': payload.length,
      }
      const groups = rates.groups / rates.rawGroups
      const single = rates.single / rates.rawSingle
      return {
        figures,
        checks: [
          atLeast('groups (events/s)', rates.groups * GROUP, 640_000),
          atLeast('groups against raw appends', groups, 0.5),
          atLeast('one at a time (appends/s)', rates.single, 2_700),
          atLeast('one at a time against raw appends', single, 0.8),
          atLeast('64 clients against one raw client', rates.clients / rates.rawSingle, 5),
          exactly('records read back', records, writer.stats().head),
        ],
      }
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  },
}

interface Rates {
  readonly groups: number
  readonly rawGroups: number
  readonly single: number
  readonly rawSingle: number
  readonly clients: number
}

/** The best of some rounds, raw and log in turn, so that a busy moment of the disk spoils neither. */
async function appendRates(dir: string, writer: LogWriter, milliseconds: number): Promise<Rates> {
  const group = Array.from({ length: GROUP }, () => entry)
  const groupBytes = Buffer.concat(group.map(() => payload))
  const best = { groups: 0, rawGroups: 0, single: 0, rawSingle: 0, clients: 0 }
  for (let round = 0; round < ROUNDS; round++) {
    best.rawGroups = Math.max(best.rawGroups, await rawAppends(dir, groupBytes, milliseconds))
    best.groups = Math.max(best.groups, await manyClients(writer, group, IN_FLIGHT, milliseconds))
    best.rawSingle = Math.max(best.rawSingle, await rawAppends(dir, payload, milliseconds))
    best.single = Math.max(best.single, await perSecond(milliseconds, () => writer.append([entry])))
    best.clients = Math.max(best.clients, await manyClients(writer, [entry], CLIENTS, milliseconds))
  }
  return best
}

/** Appends a second of clients that each send again when they are answered. */
async function manyClients(
  writer: LogWriter,
  entries: readonly LogEntry[],
  clients: number,
  milliseconds: number,
): Promise<number> {
  const rates = Array.from({ length: clients }, () => perSecond(milliseconds, () => writer.append(entries)))
  return (await Promise.all(rates)).reduce((sum, rate) => sum + rate, 0)
}

async function readAll(dir: string): Promise<{ records: number; seconds: number }> {
  await using reader = openLogReader({ dir })
  const began = performance.now()
  let last = 0
  for (const head = await reader.head(); last < head; ) ({ last } = await reader.read({ after: last, ...READ }))
  return { records: last, seconds: (performance.now() - began) / 1000 }
}
