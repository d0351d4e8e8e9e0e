import { setTimeout as sleep } from 'node:timers/promises'
import { ServedProject } from '../../test/server/served-project.ts'
import { atMost, exactly, type Outcome } from '../bench.ts'
import { pacedLoad } from './http-load.ts'
import { sampleEvent } from './sample-event.ts'

const PER_SECOND = 1000
const CONNECTIONS = 64
const HEAVY_QUERIES = 4
/** Keeps a core busy for many seconds in the warehouse. */
const HEAVY = 'select count(*) as n from range(30000) a, range(30000) b where (a.range * b.range) % 7 = 3'

/** Single requests at a steady rate to a served project, whose worker runs four heavy queries and is killed twice. */
export async function collectBesideBusyWorker(milliseconds: number): Promise<Outcome> {
  await using project = await ServedProject.start()
  const stop = new AbortController()
  const queries = Array.from({ length: HEAVY_QUERIES }, () => keepQuerying(project, stop.signal))
  const killing = killTwice(project, milliseconds)
  const { port } = new URL(project.url)
  const load = pacedLoad({
    port: Number(port),
    path: '/v1/track',
    writeKey: 'dev-web',
    body: JSON.stringify(sampleEvent),
    connections: CONNECTIONS,
    milliseconds,
    perSecond: PER_SECOND,
  })
  const result = await load
  await killing
  stop.abort()
  const ran = (await Promise.all(queries)).reduce((sum, count) => sum + count, 0)
  return {
    figures: {
      'beside a busy worker: requests': result.requests,
      'beside a busy worker: requests/s': Math.round(result.perSecond),
      'beside a busy worker: p99 (ms)': result.p99,
      'beside a busy worker: slowest (ms)': result.slowest,
      'beside a busy worker: queries begun': ran,
    },
    checks: [
      atMost('beside a busy worker: p99 (ms)', result.p99, 100),
      exactly('beside a busy worker: failed requests', result.failed, 0),
    ],
  }
}

/** Queries that fail are those whose worker was killed: the next one goes on. */
async function keepQuerying(project: ServedProject, signal: AbortSignal): Promise<number> {
  let begun = 0
  while (!signal.aborted) {
    begun++
    await Promise.race([project.rows(HEAVY).catch(() => undefined), aborted(signal)])
  }
  return begun
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

async function killTwice(project: ServedProject, milliseconds: number): Promise<void> {
  for (let kill = 0; kill < 2; kill++) {
    await sleep(milliseconds / 3)
    await project.kill('worker')
  }
}
