import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { followImport } from '../../src/cli/follow.ts'
import { followReplay } from '../../src/cli/follow-replay.ts'
import { ServedProject } from './served-project.ts'

const EVENTS = 12_000

let project: ServedProject
beforeAll(async () => {
  project = await ServedProject.start()
}, 60_000)
afterAll(() => project[Symbol.asyncDispose]())

async function history(dir: string): Promise<string> {
  const file = join(dir, 'history.ndjson')
  const lines = Array.from({ length: EVENTS }, (_, index) => {
    const event = index % 3 === 0 ? { type: 'identify', traits: { plan: 'pro' } } : { type: 'track', event: 'Paid' }
    return `${JSON.stringify({ ...event, messageId: `m${index}`, userId: `u${index % 500}`, timestamp: '2026-01-01' })}\n`
  })
  await writeFile(file, lines.join(''))
  return file
}

const COUNTS = `select (select count(*) from web.tracks) as tracks, (select count(distinct id) from web.tracks) as ids,
  (select count(*) from web.paid) as paid, (select count(*) from web.identifies) as identifies,
  (select count(distinct id) from web.identifies) as identify_ids, (select count(*) from web.users) as users`

test('a replay survives kill -9 of the worker: it goes on where it stopped, and all counts are exact', {
  timeout: 120_000,
}, async () => {
  const { operations } = project
  await followImport(operations, { file: await history(project.dir), source: 'web' }, () => {})
  const before = await project.rows(COUNTS)
  const oldest =
    'select min(_load) as load from (select _load from web.tracks union all select _load from web.identifies)'
  const [{ load: imported = 0 } = {}] = await project.rows<{ load: number }>(oldest)
  const shares: string[] = []
  const wish = { overwrite: true, rate: 3000 }
  let done = false
  const replaying = followReplay(operations, wish, (share) => shares.push(share)).finally(() => {
    done = true
  })
  let kills = 0
  while (kills < 5 && !done) {
    await sleep(500 + Math.random() * 1500)
    if (done) break
    await project.kill('worker')
    kills += 1
  }
  const result = await replaying
  expect(kills).toBeGreaterThan(2)
  expect(result).toMatchObject({ state: 'done', records: EVENTS, events: EVENTS, landed: EVENTS, duplicates: 0 })
  expect(await project.rows(COUNTS)).toEqual(before)
  // Every row was made anew.
  const [{ load: replayed = 0 } = {}] = await project.rows<{ load: number }>(oldest)
  expect(replayed).toBeGreaterThan(imported)
  expect(shares).toContainEqual(expect.stringMatching(/ \d+ %, .* records\/s/))
})

test('events that are collected during a replay land meanwhile', { timeout: 60_000 }, async () => {
  const { operations } = project
  const replaying = followReplay(operations, { overwrite: true, rate: 500 }, () => {})
  const body = JSON.stringify({ event: 'Clicked', userId: 'live', messageId: 'live' })
  const headers = { authorization: `Basic ${btoa('dev-web:')}`, 'content-type': 'application/json' }
  expect((await fetch(`${project.url}/v1/track`, { method: 'POST', headers, body })).status).toBe(200)
  await project.landed()
  const { replays } = await operations.execute<{ replays: { id: string; state: string }[] }>('{ replays { id state } }')
  const [newest] = replays
  expect(newest?.state).toBe('running')
  await operations.execute('mutation ($id: String!) { stopReplay(id: $id) { id } }', { id: newest?.id })
  expect((await replaying).state).toBe('stopped')
  expect(await project.rows(`select id from web.clicked`)).toEqual([{ id: 'live' }])
})
