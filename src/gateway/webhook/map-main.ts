/**
 * The process of maps: `node map-main.js '<MapLimits as JSON>'`, started by the collector over IPC. It answers one job
 * after another, and ends with the collector.
 */
import type { MapJob, MapLimits, MapMessage } from './map-job.ts'
import { MapRunner } from './run-map.ts'

// The collector made this text of the same interface.
const { limitMs } = JSON.parse(process.argv[2] ?? '') as MapLimits
const runner = new MapRunner(limitMs)

/** Resolves when the message has left: a map may keep this process from ever writing again. */
function say(message: MapMessage): Promise<void> {
  return new Promise((resolve) => process.send?.(message, () => resolve()))
}

async function work(job: MapJob): Promise<void> {
  await say('begun')
  await say(await runner.run(job))
}

process.on('message', (job: MapJob) => void work(job))

// A terminal and a supervisor signal the whole group: the collector still has jobs to finish, and ends this itself.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)

await say('ready')
