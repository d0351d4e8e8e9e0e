import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type CollectorOptions, writeRuntimeConfig, writeSuppressions } from '../../../src/gateway/index.ts'

const KEY = 'full-disk'
const EVENTS = 32
/** At least. */
export const EVENT_BYTES = 2000
const PADDING = 'x'.repeat(EVENT_BYTES)

export interface CollectorProcess {
  /** Sends one batch; resolves with the ids of its events and what was answered. */
  readonly send: () => Promise<{ readonly ids: readonly string[]; readonly response: Response }>
  /** Whether it still is the process that was started. */
  readonly alive: () => boolean
  /** Lets it drain. */
  readonly stop: () => Promise<void>
}

/** A collector in a process of its own, as the supervisor starts it. */
export async function startCollectorProcess(
  log: Pick<CollectorOptions, 'dir' | 'maxDiskBytes'>,
  folder: string,
): Promise<CollectorProcess> {
  const runtimeFile = join(folder, 'runtime.json')
  const socketPath = join(folder, 'worker.sock')
  const suppressionsFile = join(folder, 'suppressions.json')
  await writeSuppressions(suppressionsFile, { salt: '', hashes: [] })
  const sources = [{ name: 'web', writeKey: KEY }]
  await writeRuntimeConfig(runtimeFile, { version: 1, sources, socketPath, suppressionsFile })
  const settings = { ...log, runtimeFile, socketPath, host: '127.0.0.1', port: 0 }
  const entry = join(import.meta.dirname, '../../../src/gateway/collector-main.ts')
  const child = fork(entry, [JSON.stringify(settings)], { env: { ...process.env, MUSTER_LOG: 'silent' } })
  const [said] = await once(child, 'message')
  const { url } = said as { url: string } // its entry says this first
  let sent = 0
  return {
    async send() {
      const ids = Array.from({ length: EVENTS }, () => `event-${sent++}`)
      const batch = ids.map((messageId) => ({
        type: 'track',
        event: 'Filled',
        userId: 'u',
        messageId,
        properties: { PADDING },
      }))
      const headers = { authorization: `Basic ${btoa(`${KEY}:`)}` }
      const response = await fetch(`${url}/v1/batch`, { method: 'POST', headers, body: JSON.stringify({ batch }) })
      await response.clone().arrayBuffer()
      return { ids, response }
    },
    alive: () => child.exitCode === null && child.signalCode === null,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}
