import { readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { systemEffects } from '../src/core/effects.ts'
import { openLogWriter } from '../src/log/index.ts'
import { startS3 } from '../src/log/test/s3-server.ts'
import { restoreBackup, Workspace } from '../src/run/index.ts'
import { payloadOf } from './logged-project.ts'
import { freshDatabase } from './postgres/database.ts'
import { TempProject } from './temp-project.ts'

const IDS = 'select id, count(*) as n from web.tracks group by 1 order by 1'

/** Appends to the log as the collector does, each event in a segment of its own. */
async function collect(dir: string, ids: readonly string[]): Promise<void> {
  await using log = await openLogWriter({ dir: join(dir, '.muster/log'), maxDiskBytes: 1e9, segmentBytes: 1 })
  for (const id of ids) await log.append([{ key: '', payload: payloadOf({ id, event: 'Paid' }) }])
}

/** What `pg_dump` and `pg_restore` into a new database make of one that nobody is connected to. */
async function copied(url: string): Promise<string> {
  const to = `${new URL(url).pathname.slice(1)}_copy`
  const client = new pg.Client(url.replace(/[^/]+$/, 'postgres'))
  await client.connect()
  await client.query(`create database "${to}" template "${new URL(url).pathname.slice(1)}"`)
  await client.end()
  return url.replace(/[^/]+$/, to)
}

test('a backup beside Postgres and a bucket: a database dumped before it and what was acknowledged come together, once', {
  timeout: 60_000,
}, async () => {
  const { endpoint, region, bucket, accessKeyId, secretAccessKey } = await startS3()
  const s3 = { endpoint, region, bucket, access_key_id: accessKeyId, secret_access_key: secretAccessKey }
  const url = await freshDatabase()
  const yaml = {
    version: 1,
    sources: { web: { write_key: 'k' } },
    warehouse: { engine: 'postgres', url },
    log: { archive: { s3 } },
  }
  await using project = await TempProject.make({ 'muster.yaml': JSON.stringify(yaml) })
  await collect(project.dir, ['a', 'b'])
  await (await project.workspace()).consumer.catchUp(undefined, { alone: true })
  await project.close()
  const dumped = await copied(url)

  // Landed and gone from the log after the dump; and not landed at all.
  await collect(project.dir, ['c', 'd'])
  const workspace = await project.workspace()
  await workspace.consumer.catchUp(undefined, { alone: true })
  await workspace.archiver.run(new AbortController().signal)
  await collect(project.dir, ['e'])
  const to = join(project.dir, '.muster/backup')
  workspace.backups.start(to)
  await expect.poll(() => workspace.backups.last?.state, { timeout: 20_000 }).not.toBe('running')
  expect(workspace.backups.last).toMatchObject({
    state: 'done',
    error: null,
    withWarehouse: false,
    archiveElsewhere: `${endpoint}/${bucket}/`,
    logHead: 5,
  })

  const dir = join(tmpdir(), `muster-restored-${process.pid}`)
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const manifest = await restoreBackup(to, dir, new AbortController().signal)
  expect(manifest).toMatchObject({ engine: 'postgres', archive: `${endpoint}/${bucket}/` })
  const file = join(dir, 'muster.yaml')
  await writeFile(file, (await readFile(file, 'utf8')).replace(url, dumped))
  const logger = pino({ level: 'silent' })
  await using restored = await Workspace.open({ dir, env: 'dev', effects: systemEffects, logger })
  const rows = () => restored.warehouse.session((session) => session.query(IDS))
  expect(await rows()).toEqual(['a', 'b'].map((id) => ({ id, n: 1 })))
  await restored.consumer.catchUp(undefined, { alone: true })
  expect(await rows()).toEqual(['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, n: 1 })))
})
