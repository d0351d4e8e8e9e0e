import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { ServedProject } from './served-project.ts'

async function send(url: string, userId: string): Promise<number> {
  const body = JSON.stringify({ event: 'Clicked', userId })
  const response = await fetch(`${url}/v1/track`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('dev-web:')}` },
    body,
  })
  return response.status
}

test('suppressed people are acknowledged and not stored, also by a collector and worker started again', {
  timeout: 60_000,
}, async () => {
  await using project = await ServedProject.start()
  const suppress = 'mutation ($ids: [String!]!) { suppress(ids: $ids, reason: "opted out") }'
  expect(await project.operations.execute(suppress, { ids: ["O'Brien ß", 'u2'] })).toEqual({ suppress: 2 })
  expect(await project.operations.execute(suppress, { ids: ['u2'] })).toEqual({ suppress: 2 })
  const suppressed = async (): Promise<number> => {
    const report = await (await fetch(`${project.url}/internal/collector`)).json()
    return (report as { suppressed: number }).suppressed // of our own collector
  }
  await vi.waitFor(
    async () => {
      await send(project.url, 'u2')
      expect(await suppressed()).toBeGreaterThan(0)
    },
    { timeout: 5000 },
  )
  const before = await suppressed()
  for (const user of ['u1', " O'Brien ß ", 'u2']) expect(await send(project.url, user)).toBe(200)
  expect(await suppressed()).toBe(before + 2)
  await project.kill('worker')
  await project.kill('collector')
  await vi.waitFor(async () => expect(await send(project.url, 'u2')).toBe(200), { timeout: 10_000 })
  expect(await send(project.url, 'u3')).toBe(200)
  await project.landed()
  const users = await project.rows<{ user_id: string }>(
    "select user_id from web.tracks where user_id not like 'u2%' order by 1",
  )
  expect(users.map(({ user_id }) => user_id)).toEqual(['u1', 'u3'])
  const text = await readFile(join(project.dir, '.muster/suppressions.dev.json'), 'utf8')
  expect(text).not.toMatch(/Brien|u2/)

  const unsuppress = 'mutation ($ids: [String!]!) { unsuppress(ids: $ids) }'
  expect(await project.operations.execute(unsuppress, { ids: ['u2', 'never'] })).toEqual({ unsuppress: 1 })
  const among = 'query ($ids: [String!]!) { suppressed(ids: $ids) suppressionCount }'
  expect(await project.operations.execute(among, { ids: ["O'Brien ß", 'u2'] })).toEqual({
    suppressed: ["O'Brien ß"],
    suppressionCount: 1,
  })
})
