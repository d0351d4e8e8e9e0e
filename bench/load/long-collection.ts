import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { archiveSegments, openLogReader } from '../../src/log/index.ts'
import { atMost, exactly, type Outcome } from '../bench.ts'
import { httpLoad } from './http-load.ts'
import { residentMiB, startCollector } from './processes.ts'
import { sampleEvent } from './sample-event.ts'

const CONNECTIONS = 32
const SLICE_MILLISECONDS = 5000

/** Collects so many events, and watches the memory of the collector meanwhile. The warehouse passes them at once. */
export async function collectForLong(dir: string, events: number, batchSize: number): Promise<Outcome> {
  await mkdir(dir, { recursive: true })
  const { child, port } = await startCollector(dir)
  const log = join(dir, 'log')
  const body = JSON.stringify({ batch: Array.from({ length: batchSize }, () => sampleEvent) })
  const memory: number[] = []
  const watching = new AbortController()
  const watch = watchMemory(() => memory.push(residentMiB(child)), watching.signal)
  let sent = 0
  let early = 0
  while (sent < events) {
    const load = { port, path: '/v1/batch', body, connections: CONNECTIONS, milliseconds: SLICE_MILLISECONDS }
    sent += batchSize * (await httpLoad(load)).requests
    if (early === 0 && sent >= events / 10) early = residentMiB(child)
    await archiveSegments({ dir: log, through: await openLogReader({ dir: log }).head() })
  }
  watching.abort()
  await watch
  const head = await openLogReader({ dir: log }).head()
  child.disconnect()
  const peak = Math.max(...memory)
  return {
    figures: {
      'long: events': sent,
      'long: memory after a tenth (MiB)': early,
      'long: memory at the end (MiB)': memory.at(-1) ?? 0,
      'long: peak memory (MiB)': peak,
    },
    checks: [
      atMost('long: peak memory (MiB)', peak, 300),
      exactly('long: events missing from the log', sent - head, 0),
    ],
  }
}

async function watchMemory(look: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    look()
    await sleep(250, undefined, { signal }).catch(() => undefined) // ended early
  }
}
