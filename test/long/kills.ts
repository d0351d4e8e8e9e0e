/**
 * Kills a collector under load again and again and compares what it acknowledged with what its log holds:
 * `npm run long -- kills [times]`.
 */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCollector } from '../../bench/load/processes.ts'
import { decodeRecord, openLogReader } from '../../src/log/index.ts'

const TIMES = 50
const CLIENTS = 16
const BATCH = 25
/** Events acknowledged between two kills. */
const MOST_A_ROUND = 4000
const AUTHORIZATION = `Basic ${btoa('bench:')}`

/** Sends a batch or a single event, one request after the other, until the collector is gone. */
async function sendUntilGone(port: number, client: string, acknowledged: Set<string>): Promise<void> {
  for (let n = 0; ; n++) {
    const single = n % 2 === 0
    const ids = Array.from({ length: single ? 1 : BATCH }, (_, event) => `${client}-${n}-${event}`)
    const events = ids.map((messageId) => ({ type: 'track', event: 'Clicked', userId: client, messageId }))
    const response = await fetch(`http://127.0.0.1:${port}/v1/${single ? 'track' : 'batch'}`, {
      method: 'POST',
      headers: { authorization: AUTHORIZATION },
      body: JSON.stringify(single ? events[0] : { batch: events }),
    }).catch(() => undefined)
    if (response === undefined) return
    if (response.status !== 200) throw new Error(`expected 200, got ${response.status}: ${await response.text()}`)
    for (const id of ids) acknowledged.add(id)
  }
}

/** Message ids in the log, in its order. */
async function storedIds(dir: string): Promise<string[]> {
  await using reader = openLogReader({ dir })
  const ids: string[] = []
  for (let after = 0; ; ) {
    const { records, last } = await reader.read({ after, maxRecords: 10_000, maxBytes: 16e6 })
    if (records.length === 0) return ids
    for (const { payload } of records) {
      const record = decodeRecord(payload)
      ids.push(record.kind === 'event' ? record.event.messageId : `${record.kind}: ${JSON.stringify(record)}`)
    }
    after = last
  }
}

const times = Number(process.argv[2] ?? TIMES)
const dir = await mkdtemp(join(tmpdir(), 'muster-kills-'))
const acknowledged = new Set<string>()
for (let kill = 0; kill < times; kill++) {
  const { child, port } = await startCollector(dir)
  const exited = once(child, 'exit')
  const clients = Array.from({ length: CLIENTS }, (_, client) => sendUntilGone(port, `${kill}-${client}`, acknowledged))
  // The moment is random: a kill may fall anywhere between the arrival of a request and its answer.
  const enough = acknowledged.size + Math.random() * MOST_A_ROUND
  while (acknowledged.size < enough) await sleep(Math.random() * 10)
  child.kill('SIGKILL')
  await Promise.all([exited, ...clients])
}
const last = await startCollector(dir)
last.child.disconnect()
await once(last.child, 'exit')
const stored = await storedIds(join(dir, 'log'))
const found = new Set(stored)
const missing = [...acknowledged].filter((id) => !found.has(id))
console.log(
  `${times} kills: ${acknowledged.size} events acknowledged, ${stored.length} stored, ${missing.length} missing,`,
)
console.log(`${stored.length - found.size} stored twice, ${found.size - acknowledged.size} stored and not acknowledged`)
if (missing.length > 0 || stored.length !== found.size) {
  console.error(`Missing: ${missing.slice(0, 10).join(', ')} … in ${dir}`)
  process.exitCode = 1
} else {
  await rm(dir, { recursive: true, force: true })
}
