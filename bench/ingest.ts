import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLogReader } from '../src/log/index.ts'
import { atLeast, atMost, type Bench, exactly } from './bench.ts'
import { httpLoad, type LoadResult } from './load/http-load.ts'
import { collectBesideBusyWorker } from './load/isolation.ts'
import { collectForLong } from './load/long-collection.ts'
import { startCollector, startProcess } from './load/processes.ts'
import { rawAppends } from './load/raw-disk.ts'
import { sampleEvent } from './load/sample-event.ts'

const BATCH = 100
const CONNECTIONS = 64
const MILLISECONDS = 5000
const ROUNDS = 3
const LONG_EVENTS = 10_000_000
const ISOLATION_MILLISECONDS = 30_000

/** What RudderStack publishes for its gateway on 2 vCPU. */
const RUDDERSTACK_REQUESTS = 1700

/** The collector's process against the plainest gateway that syncs before it answers, and against the bare disk. */
export const bench: Bench = {
  name: 'ingest',
  description:
    'events collected over HTTP, each durable before its answer; memory over ten million; beside a busy worker',
  async run({ scale }) {
    const dir = await mkdtemp(join(tmpdir(), 'muster-bench-ingest-'))
    try {
      const speed = await measureSpeed(dir, MILLISECONDS * scale)
      const long = await collectForLong(join(dir, 'long'), LONG_EVENTS * scale, BATCH)
      const beside = await collectBesideBusyWorker(ISOLATION_MILLISECONDS * scale)
      return {
        figures: { ...speed.figures, ...long.figures, ...beside.figures },
        checks: [...speed.checks, ...long.checks, ...beside.checks],
      }
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  },
}

/** Events in batches, and single events. */
interface Measured {
  readonly batches: LoadResult
  readonly singles: LoadResult
}

async function measureSpeed(dir: string, milliseconds: number): Promise<Awaited<ReturnType<Bench['run']>>> {
  const collector = await startCollector(dir)
  const plain = await startProcess(join(import.meta.dirname, 'load/plain-gateway.ts'), join(dir, 'plain'))
  const ours: Measured[] = []
  const peers: Measured[] = []
  for (let round = 0; round < ROUNDS; round++) {
    peers.push(await measure(plain.port, milliseconds))
    ours.push(await measure(collector.port, milliseconds))
  }
  const lost = await missing(join(dir, 'log'), ours)
  for (const { child } of [collector, plain]) child.disconnect()
  return report(best(ours), best(peers), await diskLimit(dir, milliseconds), lost)
}

async function measure(port: number, milliseconds: number): Promise<Measured> {
  const load = { port, connections: CONNECTIONS, milliseconds }
  const batch = JSON.stringify({ batch: Array.from({ length: BATCH }, () => sampleEvent) })
  const batches = await httpLoad({ ...load, path: '/v1/batch', body: batch })
  const singles = await httpLoad({ ...load, path: '/v1/track', body: JSON.stringify(sampleEvent) })
  return { batches, singles }
}

/** Acknowledged events that the log does not hold. */
async function missing(log: string, measured: readonly Measured[]): Promise<number> {
  const acknowledged = measured.reduce(
    (sum, { batches, singles }) => sum + BATCH * batches.requests + singles.requests,
    0,
  )
  return acknowledged - (await openLogReader({ dir: log }).head())
}

function best(measured: readonly Measured[]): Measured {
  const fastest = (results: readonly LoadResult[]) => results.reduce((a, b) => (a.perSecond > b.perSecond ? a : b))
  return { batches: fastest(measured.map((m) => m.batches)), singles: fastest(measured.map((m) => m.singles)) }
}

/** Events a second that the disk takes when the groups are as large as the connections allow. */
async function diskLimit(dir: string, milliseconds: number): Promise<number> {
  const group = Buffer.from(JSON.stringify(sampleEvent).repeat(BATCH * CONNECTIONS))
  return BATCH * CONNECTIONS * (await rawAppends(dir, group, milliseconds))
}

function report(ours: Measured, peer: Measured, disk: number, lost: number): Awaited<ReturnType<Bench['run']>> {
  const inBatches = ours.batches.perSecond * BATCH
  const peerInBatches = peer.batches.perSecond * BATCH
  const single = ours.singles.perSecond
  const figures = {
    'event (bytes)': JSON.stringify(sampleEvent).length,
    'in batches of 100 (events/s)': Math.round(inBatches),
    'in batches of 100, p99 (ms)': ours.batches.p99,
    'single (requests/s)': Math.round(single),
    'single, p99 (ms)': ours.singles.p99,
    'plain gateway in batches of 100 (events/s)': Math.round(peerInBatches),
    'plain gateway single (requests/s)': Math.round(peer.singles.perSecond),
    'raw append + fdatasync (events/s)': Math.round(disk),
    'share of the raw disk, batches': inBatches / disk,
    'single requests, times what RudderStack publishes for 2 vCPU (1,700/s)': single / RUDDERSTACK_REQUESTS,
  }
  return {
    figures,
    checks: [
      exactly('acknowledged events missing from the log', lost, 0),
      atLeast('in batches of 100 (events/s)', inBatches, 60_000),
      atLeast('single (requests/s)', single, 9_000),
      atMost('single, p99 (ms)', ours.singles.p99, 50),
      // The plain gateway has no envelope, checks, checksums or recovery.
      atLeast('batches against the plain gateway', inBatches / peerInBatches, 0.6),
      atLeast('single against the plain gateway', single / peer.singles.perSecond, 0.6),
    ],
  }
}
