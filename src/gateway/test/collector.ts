import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { systemEffects } from '../../core/effects.ts'
import type { Suppressed } from '../../event/index.ts'
import { decodeRecord, type LogRecord, openLogReader } from '../../log/index.ts'
import { type Collector, type CollectorOptions, startCollector } from '../collector.ts'
import { type RuntimeConfigInput, writeRuntimeConfig } from '../runtime-config.ts'
import { writeSuppressions } from '../suppressions-file.ts'

export const KEY = 'web-key'

export const AUTHORIZATION = `Basic ${Buffer.from(`${KEY}:`).toString('base64')}`

/** Everything in a log, decoded. */
export async function logRecords(dir: string): Promise<LogRecord[]> {
  const found: LogRecord[] = []
  const reader = openLogReader({ dir })
  for (let after = 0; ; ) {
    const { records, last } = await reader.read({ after, maxRecords: 1000, maxBytes: 1e8 })
    if (records.length === 0) return found
    found.push(...records.map(({ payload }) => decodeRecord(payload)))
    after = last
  }
}

/** A folder for a collector's files, with a runtime configuration of the sources `web` and `app`. */
export async function collectorFolder(
  more: Partial<RuntimeConfigInput> = {},
  suppressed: Suppressed = { salt: '', hashes: [] },
): Promise<CollectorOptions> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-collector-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const runtimeFile = join(folder, 'runtime.json')
  const socketPath = join(folder, 'worker.sock')
  const sources = [
    { name: 'web', writeKey: KEY },
    { name: 'app', writeKey: 'app-key' },
  ]
  const trustedProxies = ['127.0.0.0/8', '10.0.0.0/8']
  const suppressionsFile = join(folder, 'suppressions.json')
  await writeSuppressions(suppressionsFile, suppressed)
  const config = { version: 1, sources, socketPath, suppressionsFile, trustedProxies, ...more } as const
  await writeRuntimeConfig(runtimeFile, config)
  const effects = systemEffects
  const logger = pino({ level: 'silent' })
  const log = { dir: join(folder, 'log'), maxDiskBytes: 1e9 }
  return { ...log, runtimeFile, socketPath, host: '127.0.0.1', port: 0, effects, logger }
}

export interface TestCollector extends Collector {
  readonly options: CollectorOptions
  readonly records: () => Promise<LogRecord[]>
  /** POSTs with the key of `web` unless told otherwise. */
  readonly post: (path: string, body: unknown, headers?: Record<string, string>) => Promise<Response>
}

/** A real collector that is closed when the test ends. */
export async function testCollector(options?: CollectorOptions): Promise<TestCollector> {
  const used = options ?? (await collectorFolder())
  const collector = await startCollector(used)
  onTestFinished(() => collector.close())
  return {
    ...collector,
    options: used,
    records: () => logRecords(used.dir),
    post: (path, body, headers = { authorization: AUTHORIZATION }) =>
      fetch(collector.url + path, {
        method: 'POST',
        headers,
        body:
          body instanceof Uint8Array ? new Uint8Array(body) : typeof body === 'string' ? body : JSON.stringify(body),
      }),
  }
}
