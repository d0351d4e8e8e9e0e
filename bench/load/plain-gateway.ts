/**
 * The least a durable gateway can be: parse, look at the ids, append as lines, sync in groups, answer. No batches'
 * members, no rejected records, no checksums, no recovery. The peer that the gateway is measured against.
 */
import { fdatasync, openSync, write } from 'node:fs'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

interface Sent {
  type?: string
  userId?: string
  anonymousId?: string
  receivedAt?: string
}

const file = openSync(process.argv[2] ?? '', 'w')
let lines: string[] = []
let waiting: (() => void)[] = []
let busy = false

function flush(): void {
  if (busy || lines.length === 0) return
  busy = true
  const done = waiting
  const group = lines.join('')
  lines = []
  waiting = []
  write(file, group, (failure) => {
    if (failure) throw failure
    fdatasync(file, (error) => {
      if (error) throw error
      busy = false
      for (const resolve of done) resolve()
      flush()
    })
  })
}

function append(text: string): Promise<void> {
  return new Promise((resolve) => {
    lines.push(text)
    waiting.push(resolve)
    flush()
  })
}

function line(event: Sent, receivedAt: string): string {
  if (!event.type || !(event.userId || event.anonymousId)) return ''
  event.receivedAt = receivedAt
  return `${JSON.stringify(event)}\n`
}

const app = new Hono()
app.post('/v1/batch', async (context) => {
  // The bench sends nothing else.
  const { batch } = JSON.parse(await context.req.text()) as { batch: Sent[] }
  const receivedAt = new Date().toISOString()
  await append(batch.map((event) => line(event, receivedAt)).join(''))
  return context.text('OK')
})
app.post('/v1/track', async (context) => {
  await append(line(JSON.parse(await context.req.text()), new Date().toISOString()))
  return context.text('OK')
})
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => process.send?.({ port }))
process.once('disconnect', () => process.exit())
