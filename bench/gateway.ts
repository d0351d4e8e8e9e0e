import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeRuntimeConfig, writeSuppressions } from '../src/gateway/index.ts'
import { openLogReader } from '../src/log/index.ts'
import type { Bench, Check } from './bench.ts'
import { httpLoad, type LoadResult } from './load/http-load.ts'
import { rawAppends } from './load/raw-disk.ts'
import { sampleEvent } from './load/sample-event.ts'

const BATCH = 100
const CONNECTIONS = 32
const MILLISECONDS = 5000
const ROUNDS = 3

/** Events in batches a second, single events a second. */
interface Measured {
  readonly batches: LoadResult
  readonly singles: LoadResult
}

/** The collector's process against the plainest gateway that syncs before it answers, and against the bare disk. */
export const bench: Bench = {
  name: 'gateway',
  description: 'events collected over HTTP, each durable before its answer',
  async run({ scale }) {
    const dir = await mkdtemp(join(tmpdir(), 'muster-bench-gateway-'))
    const milliseconds = MILLISECONDS * scale
    try {
      const collector = await startCollector(dir)
      const plain = await start('./load/plain-gateway.ts', join(dir, 'plain'))
      const ours: Measured[] = []
      const peers: Measured[] = []
      for (let round = 0; round < ROUNDS; round++) {
        peers.push(await measure(plain.port, milliseconds))
        ours.push(await measure(collector.port, milliseconds))
      }
      const lost = await missing(join(dir, 'log'), ours)
      for (const { child } of [collector, plain]) child.disconnect()
      return report(best(ours), best(peers), await diskLimit(dir, milliseconds), lost)
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  },
}

interface Started {
  readonly child: ChildProcess
  readonly port: number
}

async function startCollector(dir: string): Promise<Started> {
  const runtimeFile = join(dir, 'runtime.json')
  const socketPath = join(dir, 'worker.sock')
  const suppressionsFile = join(dir, 'suppressions.json')
  await writeSuppressions(suppressionsFile, { salt: '', hashes: [] })
  const sources = [{ name: 'bench', writeKey: 'bench' }]
  await writeRuntimeConfig(runtimeFile, { version: 1, sources, socketPath, suppressionsFile })
  const settings = { dir: join(dir, 'log'), maxDiskBytes: 1e12, runtimeFile, socketPath, host: '127.0.0.1', port: 0 }
  return start('../src/gateway/collector-main.ts', JSON.stringify(settings))
}

async function start(module: string, argument: string): Promise<Started> {
  const child = fork(join(import.meta.dirname, module), [argument])
  const [said] = await once(child, 'message')
  return { child, port: (said as { port: number }).port } // both entries say their port
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
  const figures = {
    'in batches of 100 (events/s)': Math.round(inBatches),
    'in batches of 100, p99 (ms)': ours.batches.p99,
    'single (requests/s)': Math.round(ours.singles.perSecond),
    'single, p99 (ms)': ours.singles.p99,
    'plain gateway in batches of 100 (events/s)': Math.round(peerInBatches),
    'plain gateway single (requests/s)': Math.round(peer.singles.perSecond),
    'raw append + fdatasync (events/s)': Math.round(disk),
    'share of the plain gateway, batches': inBatches / peerInBatches,
    'share of the plain gateway, single': ours.singles.perSecond / peer.singles.perSecond,
  }
  return {
    figures,
    checks: [
      { name: 'acknowledged events missing from the log', value: lost, target: '0', ok: lost === 0 },
      atLeast('in batches of 100 (events/s)', inBatches, 126_000),
      atLeast('single (requests/s)', ours.singles.perSecond, 13_400),
      // The plain gateway has no envelope, checks, checksums or recovery.
      atLeast('batches against the plain gateway', inBatches / peerInBatches, 0.5),
      atLeast('single against the plain gateway', ours.singles.perSecond / peer.singles.perSecond, 0.7),
    ],
  }
}

function atLeast(name: string, value: number, least: number): Check {
  return { name, value, target: `>= ${least}`, ok: value >= least }
}
