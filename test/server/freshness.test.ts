import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ServedProject } from './served-project.ts'

const QUERY = `{ status { logHead lag secondsBehind lastLoadAt lastLoadEvents eventsPerMinute editRefused
  held { table rows } sources { source receivedAt timestamp } } }`

interface Answer {
  readonly status: {
    readonly lastLoadAt: string | null
    readonly editRefused: string | null
    readonly secondsBehind: number
    readonly sources: readonly { readonly source: string; readonly receivedAt: string | null }[]
  }
}

test('status and metrics say how fresh the warehouse is, and that an invalid edit is not in force', {
  timeout: 120_000,
}, async () => {
  await using project = await ServedProject.start()
  const status = async () => (await project.operations.execute<Answer>(QUERY)).status
  expect(await status()).toMatchObject({
    lastLoadAt: null,
    secondsBehind: 0,
    held: [],
    editRefused: null,
    sources: [{ source: 'web', receivedAt: null, timestamp: null }],
  })
  const event = { type: 'track', event: 'Clicked', userId: 'u', messageId: 'm', timestamp: '2026-01-02T03:04:05.000Z' }
  const sentAt = Date.now()
  await fetch(`${project.url}/v1/batch`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('dev-web:').toString('base64')}` },
    body: JSON.stringify({ batch: [event] }),
  })
  await project.landed()
  const landed = await status()
  expect(landed).toMatchObject({ lag: 0, secondsBehind: 0, lastLoadEvents: 1, eventsPerMinute: 1 })
  expect(Date.parse(landed.lastLoadAt ?? '')).toBeGreaterThanOrEqual(sentAt)
  expect(landed.sources).toMatchObject([{ source: 'web', timestamp: '2026-01-02T03:04:05.000Z' }])
  expect(Date.parse(landed.sources[0]?.receivedAt ?? '')).toBeGreaterThanOrEqual(sentAt - 1)

  const file = join(project.dir, 'muster.yaml')
  const valid = await readFile(file, 'utf8')
  await writeFile(file, `${valid}\nnonsense: true\n`)
  await expect.poll(async () => (await status()).editRefused, { timeout: 30_000 }).toContain('nonsense')
  const metrics = async () => (await fetch(`${project.url}/metrics`)).text()
  expect(await metrics()).toMatch(/^muster_project_edit_refused 1$/m)
  await writeFile(file, valid)
  await expect.poll(async () => (await status()).editRefused, { timeout: 30_000 }).toBeNull()
  expect(await metrics()).toMatch(/^muster_landing_lag_seconds 0$/m)
})
