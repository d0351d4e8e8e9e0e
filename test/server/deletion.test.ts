import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ServedProject } from './served-project.ts'

const BIN = join(import.meta.dirname, '../../src/cli/bin.ts')
const EMAIL = 'ann.needle@example.org'
const OTHER = 'cy.needle@example.org'

let project: ServedProject
beforeAll(async () => {
  project = await ServedProject.start()
}, 60_000)
afterAll(() => project[Symbol.asyncDispose]())

async function send(url: string, batch: readonly object[]): Promise<void> {
  const response = await fetch(`${url}/v1/batch`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('dev-web:')}` },
    body: JSON.stringify({ batch }),
  })
  expect(response.status).toBe(200)
}

const bought = (userId: string, n: number) => ({ type: 'track', event: 'Bought', userId, properties: { n } })

async function packedHolding(folder: string, text: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const found = await Promise.all(
    files.map(async (file) => {
      const bytes = await readFile(file)
      return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1').toLowerCase().includes(text)
    }),
  )
  return files.filter((_, index) => found[index])
}

test('a person is deleted while events keep coming, and of the others none is lost', { timeout: 120_000 }, async () => {
  await send(project.url, [
    { type: 'identify', userId: 'ann-user-1', anonymousId: 'ann-device-1', traits: { email: EMAIL } },
    ...Array.from({ length: 20 }, (_, n) => bought('ann-user-1', n)),
  ])
  let sent = 0
  let stopped = false
  const sending = (async () => {
    while (!stopped) {
      await send(
        project.url,
        Array.from({ length: 20 }, () => bought(`other-${sent % 7}`, sent++)),
      )
      await sleep(20)
    }
  })()
  const args = [BIN, 'privacy', 'delete', '--project', project.dir, '--email', EMAIL, '--reason', 'request 17', '--yes']
  const { stdout } = await promisify(execFile)(process.execPath, [...args, '--json'], { env: process.env })
  stopped = true
  await sending
  await project.landed()
  const deletion = JSON.parse(stdout)
  expect(deletion).toMatchObject({
    state: 'done',
    reason: 'request 17',
    identifiers: { user_id: 1, anonymous_id: 1, email: 1 },
    archivedRecords: 21,
    mentions: [],
    files: [],
  })
  expect(stdout).not.toContain(EMAIL)
  const [counts] = await project.rows<object>(
    `select count(*) as rows, count(distinct id) as ids, count(distinct n) as numbers from web.bought`,
  )
  expect(counts).toEqual({ rows: sent, ids: sent, numbers: sent })
  expect(await project.rows(`select user_id from web.tracks where user_id like 'ann%'`)).toEqual([])
  expect(await packedHolding(join(project.dir, '.muster'), EMAIL)).toEqual([])
  // The log goes on in order: what was acknowledged is in the archive or the log, each record once.
  await send(project.url, [bought('ann-user-1', -1)])
  await project.landed()
  expect(await project.rows(`select n from web.bought where user_id = 'ann-user-1'`)).toEqual([{ n: -1 }])

  const listed = await promisify(execFile)(process.execPath, [BIN, 'privacy', 'deletions', '--project', project.dir])
  expect(listed.stdout).toContain('request 17')
  const dry = [BIN, 'privacy', 'delete', '--project', project.dir, '--user', 'ann-user-1', '--dry-run']
  const preview = await promisify(execFile)(process.execPath, dry)
  expect(preview.stdout).toMatch(/user_id an…/)
  expect(preview.stdout).toMatch(/web\.bought +1/)
  expect(await project.rows(`select n from web.bought where user_id = 'ann-user-1'`)).toEqual([{ n: -1 }])
})

test('a worker and a collector killed in the middle of it end it all the same', { timeout: 120_000 }, async () => {
  await send(project.url, [
    { type: 'identify', userId: 'cy-user-1', traits: { email: OTHER } },
    ...Array.from({ length: 50 }, (_, n) => bought('another', n)),
  ])
  await project.landed()
  const start = `mutation { startDeletion(identifiers: [{ type: "email", value: "${OTHER}" }]) { id } }`
  const { startDeletion } = await project.operations.execute<{ startDeletion: { id: string } }>(start)
  await project.kill('collector')
  await project.kill('worker')
  const look = `query ($id: String!) { deletion(id: $id) { state error } }`
  for (let state = ''; state !== 'done'; ) {
    await sleep(100)
    const { deletion } = await project.operations.execute<{ deletion: { state: string; error: string | null } }>(look, {
      id: startDeletion.id,
    })
    expect(deletion.error).toBeNull()
    state = deletion.state
  }
  expect(await project.rows("select count(*) as rows from web.bought where user_id = 'another'")).toEqual([
    { rows: 50 },
  ])
  expect(await packedHolding(join(project.dir, '.muster'), OTHER)).toEqual([])
})
