/**
 * Plays the cases of webhook connectors, `connectors/<name>/cases/webhook/*.yaml`: given the body of a vendor, these events.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { loadWebhookConnectors } from '../../delivery/index.ts'
import { acceptEvent, eventRows } from '../../event/index.ts'
import { MapRunner } from './run-map.ts'

const fileSchema = z.strictObject({
  cases: z
    .array(z.strictObject({ name: z.string(), body: z.json(), events: z.array(z.record(z.string(), z.json())) }))
    .min(1),
})

const receivedAt = '2026-01-02T03:04:06.000Z'

async function readCases(folder: string) {
  const dir = join(folder, 'cases/webhook')
  const files = await Promise.all((await readdir(dir)).sort().map((file) => readFile(join(dir, file), 'utf8')))
  return files.flatMap((text) => fileSchema.parse(parse(text)).cases)
}

const connectors = [...(await loadWebhookConnectors()).values()]
const all = await Promise.all(
  connectors.map(async (connector) => ({ connector, cases: await readCases(connector.folder) })),
)

describe.each(all)('$connector.name', ({ connector: { map }, cases }) => {
  const runner = new MapRunner(5_000)

  test.each(cases)('$name', async ({ body, events }) => {
    const job = { source: 'vendor', map, body: JSON.stringify(body), receivedAt, headers: {}, query: {} }
    const answer = await runner.run(job)
    expect('events' in answer ? JSON.parse(answer.events) : answer).toEqual(events)
  })

  test.each(cases)('$name: its events are good, and all they say lands', ({ events }) => {
    for (const event of events) {
      const accepted = acceptEvent(event, { receivedAt, requestIp: '192.0.2.1', id: () => 'none' })
      expect(accepted).toMatchObject({ event: { messageId: expect.stringMatching(/^evt_/) } })
      if (!('event' in accepted)) continue
      const { discards } = eventRows({ source: 'vendor', receivedAt, requestIp: '192.0.2.1', event: accepted.event })
      expect(discards).toEqual([])
    }
  })
})
