import { setTimeout as sleep } from 'node:timers/promises'
import { ServedProject } from '../../test/server/served-project.ts'
import { pacedLoad } from './http-load.ts'
import { shopEvent } from './shop-events.ts'

const BATCH = 100
const CONNECTIONS = 8
const POLL_MS = 50

export interface EndToEnd {
  readonly sent: number
  readonly landed: number
  /** From the first request until all was queryable. */
  readonly perSecond: number
  /** Seconds from the answer to the sender until the event could be queried. */
  readonly p50: number
  readonly p99: number
  readonly workerMiB: number
}

interface Sample {
  readonly at: number
  readonly head: number
  readonly position: number
}

/** Sends events at a steady rate to a real server and looks how soon they can be queried. */
export async function collectAndLand(eventsPerSecond: number, milliseconds: number): Promise<EndToEnd> {
  await using served = await ServedProject.start({ shop: { write_key: 'shop' } })
  const samples: Sample[] = []
  const stop = new AbortController()
  const watching = watch(served, samples, stop.signal)
  const body = JSON.stringify({ batch: Array.from({ length: BATCH }, (_, n) => unnamed(n)) })
  const port = Number(new URL(served.url).port)
  const load = { port, path: '/v1/batch', body, connections: CONNECTIONS, milliseconds, writeKey: 'shop' }
  const began = performance.now()
  const { requests } = await pacedLoad({ ...load, perSecond: eventsPerSecond / BATCH })
  await served.landed()
  const took = (performance.now() - began) / 1000
  stop.abort()
  await watching
  const tables = ['tracks', 'pages', 'identifies', 'groups'].map((name) => `(select count(*) from shop.${name})`)
  const [counted] = await served.rows<{ n: number }>(`select ${tables.join(' + ')} as n`)
  const sent = requests * BATCH
  return {
    sent,
    landed: counted?.n ?? 0,
    perSecond: sent / took,
    ...waits(samples),
    workerMiB: served.residentMiB('worker'),
  }
}

/** Without its id, which the collector then makes: each time it is sent it is another event. */
function unnamed(n: number): object {
  const { messageId: _, receivedAt: __, ...event } = shopEvent(n)
  return event
}

async function watch(served: ServedProject, samples: Sample[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { status } = await served.operations.execute<{ status: { logHead: number; logPosition: number } }>(
      '{ status { logHead logPosition } }',
    )
    samples.push({ at: performance.now(), head: status.logHead, position: status.logPosition })
    await sleep(POLL_MS)
  }
}

/** For every event, the time between the first look that found it acknowledged and the first that found it landed. */
function waits(samples: readonly Sample[]): { p50: number; p99: number } {
  const waited: { seconds: number; events: number }[] = []
  let before = samples[0]?.position ?? 0
  for (const { at, head } of samples) {
    if (head <= before) continue
    const landed = samples.find(({ position }) => position >= head)
    if (landed) waited.push({ seconds: (landed.at - at) / 1000, events: head - before })
    before = head
  }
  return { p50: percentile(waited, 0.5), p99: percentile(waited, 0.99) }
}

function percentile(waited: readonly { seconds: number; events: number }[], share: number): number {
  let left = waited.reduce((sum, { events }) => sum + events, 0) * share
  for (const { seconds, events } of waited.toSorted((a, b) => a.seconds - b.seconds)) {
    left -= events
    if (left <= 0) return seconds
  }
  return 0
}
