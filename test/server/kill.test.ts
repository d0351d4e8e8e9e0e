import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Analytics } from '@segment/analytics-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { followImport } from '../../src/cli/follow.ts'
import { type Role, ServedProject } from './served-project.ts'

const ORDERS = 45_000
const MAP = `{ "type": "track", "event": "Order Completed", "userId": customer,
  "timestamp": "2026-01-01T00:00:00Z", "properties": { "revenue": $number(amount) } }`

let project: ServedProject
beforeAll(async () => {
  project = await ServedProject.start()
}, 60_000)
afterAll(() => project[Symbol.asyncDispose]())

async function ordersFile(dir: string): Promise<string> {
  const file = join(dir, 'orders.csv')
  const lines = Array.from({ length: ORDERS }, (_, index) => `c${index % 5000},${(index % 100) + 0.5}`)
  await writeFile(file, `customer,amount\n${lines.join('\n')}\n`)
  return file
}

test('an import survives kill -9 of worker and collector, and every row is there once', {
  timeout: 120_000,
}, async () => {
  const file = await ordersFile(project.dir)
  let done = false
  const importing = followImport(project.operations, { file, source: 'web', map: MAP }, () => {}).finally(() => {
    done = true
  })
  const roles: readonly Role[] = ['worker', 'collector', 'worker', 'collector']
  let kills = 0
  for (const role of roles) {
    await sleep(200 + Math.random() * 900)
    if (done) break
    await project.kill(role)
    kills += 1
  }
  const result = await importing
  expect(result.state).toBe('done')
  expect(kills).toBeGreaterThan(1)
  const [counts] = await project.rows('select count(*) as events, count(distinct id) as ids from web.order_completed')
  expect(counts).toEqual({ events: ORDERS, ids: ORDERS })
})

test('a client notices nothing when the worker is killed, and nothing is lost', { timeout: 120_000 }, async () => {
  const errors: unknown[] = []
  const analytics = new Analytics({ writeKey: 'dev-web', host: project.url, flushAt: 20, maxRetries: 0 })
  analytics.on('error', (error) => errors.push(error))
  const sent = 2000
  for (let index = 0; index < sent; index++) {
    analytics.track({ event: 'Clicked', userId: `u${index}`, messageId: `m${index}` })
    if (index % 100 === 0) await sleep(10)
    if (index === 500 || index === 1500) await project.kill('worker')
  }
  await analytics.closeAndFlush()
  expect(errors).toEqual([])
  await project.landed()
  const [counts] = await project.rows('select count(*) as events, count(distinct id) as ids from web.clicked')
  expect(counts).toEqual({ events: sent, ids: sent })
})
