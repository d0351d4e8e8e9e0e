import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { CollectorOptions } from './collector.ts'
import { AUTHORIZATION, collectorFolder, logRecords, testCollector } from './test/collector.ts'

interface Said {
  readonly type: 'ready' | 'failed'
  readonly url: string
  readonly code: string
}

/** A real collector process and what it says first. */
async function start({ effects: _, logger: __, ...settings }: CollectorOptions): Promise<[ChildProcess, Said]> {
  const path = join(import.meta.dirname, 'collector-main.ts')
  const child = fork(path, [JSON.stringify(settings)], { env: { ...process.env, MUSTER_LOG: 'silent' } })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [said] = await once(child, 'message')
  return [child, said as Said] // its own entry says nothing else
}

/** Sends batches until the collector is gone; the message ids it acknowledged. */
async function sendUntilGone(url: string, round: number, acknowledge: (ids: string[]) => void): Promise<void> {
  for (let n = 0; ; n++) {
    const ids = [0, 1, 2].map((event) => `${round}-${n}-${event}`)
    const batch = ids.map((messageId) => ({ type: 'track', userId: 'u', messageId }))
    const init = { method: 'POST', headers: { authorization: AUTHORIZATION }, body: JSON.stringify({ batch }) }
    const response = await fetch(`${url}/v1/batch`, init).catch(() => undefined)
    if (response === undefined) return
    if (response.status === 200) acknowledge(ids)
  }
}

test('killed again and again while clients send, it keeps every event it acknowledged', {
  timeout: 60_000,
}, async () => {
  const folder = await collectorFolder()
  const acknowledged: string[] = []
  for (const [round, count] of [3, 60, 500].entries()) {
    const [child, { url }] = await start(folder)
    const exited = once(child, 'exit')
    const before = acknowledged.length
    const acknowledge = (ids: string[]) => {
      acknowledged.push(...ids)
      if (acknowledged.length - before >= count) child.kill('SIGKILL')
    }
    await Promise.all([0, 1, 2, 3].map((client) => sendUntilGone(url, 10 * round + client, acknowledge)))
    await exited
  }
  const collector = await testCollector(folder)
  await collector.close()
  const records = await logRecords(folder.dir)
  const found = new Set(records.map((record) => record.kind === 'event' && record.event.messageId))
  expect(acknowledged.length).toBeGreaterThanOrEqual(563)
  expect(acknowledged.filter((id) => !found.has(id))).toEqual([])
  expect(found.size).toBe(records.length)
})

test.each(['SIGTERM', 'SIGINT'] as const)('%s drains it', async (signal) => {
  const [child, { type }] = await start(await collectorFolder())
  expect(type).toBe('ready')
  const exited = once(child, 'exit')
  child.kill(signal)
  expect(await exited).toEqual([0, null])
})

test('it does not outlive its supervisor', async () => {
  const [child] = await start(await collectorFolder())
  const exited = once(child, 'exit')
  child.disconnect()
  expect(await exited).toEqual([0, null])
})

test('it says why it cannot start', async () => {
  const { port } = await testCollector()
  const [child, said] = await start({ ...(await collectorFolder()), port })
  expect(said).toEqual({
    type: 'failed',
    code: 'port_busy',
    message: `port ${port} of 127.0.0.1 is in use`,
    hint: expect.any(String),
  })
  if (child.exitCode === null) await once(child, 'exit')
  expect(child.exitCode).toBe(1)
})
