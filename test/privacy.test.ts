import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { systemEffects } from '../src/core/effects.ts'
import { encodeRecord, openLogWriter } from '../src/log/index.ts'
import type { Deletion, DeletionRequest } from '../src/privacy/index.ts'
import { ENGINES, type Engine, TempProject } from './temp-project.ts'

const EMAIL = 'Ann.Needle@example.org'

const FILES = {
  'muster.yaml': `version: 1
sources: { web: { write_key: k }, shop: { write_key: l } }
source_tables:
  crm.notes: { file: notes.csv, identifiers: { user_id: id } }
`,
  'data/notes.csv': 'id,note\nother,nothing\nu9,something\n',
  'models/mails.sql': `/* ---
entity: user
--- */
select profile_id, max(email) as mail from stitched.identifies group by 1
`,
  'models/lines.sql': 'select email, count(*) as visits from stitched.identifies group by 1\n',
  'audiences/all.sql': 'select profile_id from profiles\n',
}
const UNPACKED = 'warehouse: { compression: none, threads: 1 }\n'

let project: TempProject

async function open(engine: Engine, settings = ''): Promise<void> {
  const yaml = `${FILES['muster.yaml']}${engine === 'duckdb' ? UNPACKED : ''}${settings}`
  project = await TempProject.make({ ...FILES, 'muster.yaml': yaml }, engine)
}

afterEach(() => project[Symbol.asyncDispose]())

let ids = 0
const old = '2026-01-01T00:00:00.000Z'

function event(type: string, members: object): object {
  ids += 1
  return { type, messageId: `m${ids}`, timestamp: old, ...members }
}

const ann = () => [
  event('track', { event: 'Looked', anonymousId: 'ann-device-1', properties: { page: '/' } }),
  event('identify', { userId: 'u1', anonymousId: 'ann-device-1', traits: { email: EMAIL, name: 'Ann Needle' } }),
  event('track', { event: 'Bought', userId: 'u1', context: { traits: { email: EMAIL } }, properties: { price: 3 } }),
  event('track', { event: 'Bought', userId: 'u1', properties: { price: EMAIL, receipt: EMAIL } }),
]
const others = () => [
  event('identify', { userId: 'u2', anonymousId: 'bob-device-1', traits: { email: 'bob@example.org' } }),
  event('track', { event: 'Bought', userId: 'u2', properties: { price: 5 } }),
  event('track', { event: 'Bought', userId: 'u11', properties: { price: 7 } }),
]

/** Appends to the log as the collector does. */
async function collect(events: readonly object[]): Promise<void> {
  await using writer = await openLogWriter({ dir: join(project.dir, '.muster/log'), maxDiskBytes: 1e9 })
  const receivedAt = new Date().toISOString()
  const common = { source: 'shop', receivedAt, requestIp: '203.0.113.7' }
  const payloads = events.map((sent) =>
    'body' in sent
      ? encodeRecord({ kind: 'rejected', ...common, reason: 'no', body: String(sent.body) })
      : // What the gateway fills in.
        encodeRecord({ kind: 'event', ...common, event: { receivedAt, request_ip: '', ...sent } as never }),
  )
  await writer.append(payloads.map((payload) => ({ key: '', payload })))
}

/** As the collector does when it is asked to: the segment can be archived then. */
async function closeSegment(): Promise<void> {
  await using writer = await openLogWriter({ dir: join(project.dir, '.muster/log'), maxDiskBytes: 1e9 })
  await writer.closeSegment()
}

/** Of the records of the newest archived segment. */
async function archivedKinds(): Promise<readonly string[]> {
  const archive = join(project.dir, '.muster/archive')
  const newest =
    (await readdir(archive))
      .filter((name) => name.endsWith('.log.gz'))
      .sort()
      .at(-1) ?? ''
  const text = gunzipSync(await readFile(join(archive, newest))).toString('latin1')
  return [...text.matchAll(/\{"kind":"(\w+)"/g)].map(([, kind = '']) => kind)
}

async function remove(request: Partial<DeletionRequest>): Promise<Deletion> {
  const { deletions } = await project.workspace()
  const complete = { identifiers: [{ type: 'user_id', value: 'u1' }], reason: 'asked', suppress: false, ...request }
  const { id } = await deletions.start(complete, { alone: true })
  for (;;) {
    const deletion = await deletions.read(id)
    if (deletion?.state === 'done') return deletion
    if (deletion?.state === 'failed') throw new Error(deletion.error ?? 'it failed')
    await systemEffects.sleep(20)
  }
}

/** Files of the project's folder whose bytes hold the text, unpacked where they are packed; not the user's own. */
async function filesHolding(text: string): Promise<readonly string[]> {
  const folder = join(project.dir, '.muster')
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const found: string[] = []
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    const bytes = await readFile(file)
    const content = file.endsWith('.gz') ? gunzipSync(bytes) : bytes
    if (content.toString('latin1').toLowerCase().includes(text.toLowerCase())) found.push(file.slice(folder.length + 1))
  }
  return found.sort()
}

async function tablesHolding(text: string): Promise<readonly string[]> {
  const columns = await project.rows<{ schema: string; name: string; column: string }>(
    `select c.table_schema as schema, c.table_name as name, c.column_name as "column" from information_schema.columns c
     join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
     where t.table_type = 'BASE TABLE' and c.table_schema not in ('pg_catalog', 'information_schema')`,
  )
  const found = new Set<string>()
  for (const { schema, name, column } of columns) {
    const rows = await project.rows(
      `select 1 from "${schema}"."${name}" where lower(cast("${column}" as varchar)) like '%${text.toLowerCase()}%' limit 1`,
    )
    if (rows.length > 0) found.add(`${schema}.${name}`)
  }
  return [...found].sort()
}

const count = async (table: string) =>
  (await project.rows<{ rows: number }>(`select count(*) as rows from ${table}`))[0]?.rows

describe.each(ENGINES)('%s', (engine) => {
  test('after a deletion no file and no table holds the address, and nothing of the others is gone', async () => {
    await open(engine)
    await project.land([...ann(), ...others()])
    await collect([...ann(), ...others(), { body: `{"userId":"u1","email":"${EMAIL}"` }, { body: '{"userId":"u2"' }])
    await project.run()
    await collect([...ann(), ...others()])
    await project.close()
    const before = await filesHolding(EMAIL)
    expect(before.map((file) => file.replace(/[0-9a-f-]{12,}/, 'ID'))).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^archive\/imports/),
        expect.stringMatching(/^log\//),
        ...(engine === 'duckdb' ? ['warehouse.duckdb'] : []),
      ]),
    )
    expect(await tablesHolding(EMAIL)).toEqual(
      expect.arrayContaining([
        engine === 'duckdb' ? 'main.profiles' : 'public.profiles',
        'models.lines',
        'muster.rejected_events',
        'shop.bought',
        'web.users',
        'identity.identifiers',
      ]),
    )
    const { receipt, hashes, pending } = await remove({})
    expect(await tablesHolding(EMAIL)).toEqual([])
    expect(await tablesHolding('ann-device-1')).toEqual([])
    await project.close()
    expect(await filesHolding(EMAIL)).toEqual([])
    expect(await filesHolding('ann-device-1')).toEqual([])
    expect(pending).toBeUndefined()
    expect(hashes).toHaveLength(3)
    expect(receipt).toMatchObject({
      identifiers: { user_id: 1, anonymous_id: 1, email: 1 },
      archive: { records: 9, imported: 4 },
      archiveMentions: 0,
      mentions: [],
      files: [],
    })
    const rows = Object.fromEntries(receipt.rows.map(({ table, rows }) => [table, rows]))
    expect(rows).toMatchObject({ 'web.tracks': 3, 'web.identifies': 1, 'web.users': 1, 'web.discards': 1 })
    for (const [table, left] of Object.entries({
      'web.tracks': 2,
      'web.bought': 2,
      'web.identifies': 1,
      'web.users': 1,
      'shop.tracks': 4,
      'shop.identifies': 2,
      'muster.rejected_events': 1,
      'identity.profiles': 4,
    })) {
      expect([table, await count(table)]).toEqual([table, left])
    }
  })

  test('what is from before does not come back by import or late, and is not kept of it; what is new is a new relationship', async () => {
    await open(engine)
    const events = [...ann(), ...others()]
    await project.land(events)
    await project.run()
    const [known] = await project.rows<{ profile_id: number }>(
      `select profile_id from identity.profiles where user_id = 'u1'`,
    )
    await remove({})
    await project.land(events)
    await project.land([{ ...event('track', { userId: 'u1', event: 'Undated' }), timestamp: undefined }])
    await collect([
      event('track', { userId: 'u1', event: 'Late' }),
      event('identify', { userId: 'other', traits: { email: EMAIL.toUpperCase() } }),
      { ...event('track', { userId: 'u1', event: 'New' }), timestamp: undefined },
    ])
    await project.run()
    expect(await count('web.tracks')).toBe(2)
    expect(await project.rows('select event_text, _position from shop.tracks')).toEqual([
      { event_text: 'New', _position: 3 },
    ])
    expect(
      await project.rows(
        `select consumer like 'import%' as import, sum(erased) as erased from muster.loads group by 1 order by 1`,
      ),
    ).toEqual([
      { import: false, erased: 2 },
      { import: true, erased: 5 },
    ])
    await project.rows('delete from shop.tracks')
    const all = { source: null, from_time: null, to_time: null, predicate: '', rate: null }
    const { replays } = await project.workspace()
    const { id } = await replays.start({ ...all, overwrite: true, dry_run: false })
    await vi.waitFor(async () => expect((await replays.read(id))?.state).toBe('done'), { timeout: 20_000 })
    expect(await project.rows(`select event_text from shop.tracks`)).toEqual([{ event_text: 'New' }])
    expect(await count('web.tracks')).toBe(2)
    expect(await tablesHolding(EMAIL)).toEqual([])
    expect(await filesHolding(EMAIL)).toEqual([expect.stringMatching(/^log/)])
    await closeSegment()
    const { archiver } = await project.workspace()
    await archiver.run(new AbortController().signal)
    expect(await filesHolding(EMAIL)).toEqual([])
    expect(await archivedKinds()).toEqual(['erased', 'erased', 'event'])
    const [anew] = await project.rows<{ profile_id: number }>(
      `select profile_id from identity.profiles where user_id = 'u1'`,
    )
    expect(anew?.profile_id).toBeGreaterThan(known?.profile_id ?? 0)
  })

  test('who shares a device or is named beside somebody else keeps what is theirs; what was left is told', async () => {
    await open(engine)
    await project.land([
      ...ann(),
      event('track', { event: 'Looked', userId: 'u1', anonymousId: 'shared-device' }),
      event('track', { event: 'Looked', userId: 'u2', anonymousId: 'shared-device' }),
      event('track', { event: 'Invited', userId: 'u2', properties: { friend: EMAIL } }),
    ])
    const { deletions } = await project.workspace()
    const preview = await deletions.preview([{ type: 'email', value: ` ${EMAIL.toUpperCase()} ` }], { alone: true })
    expect(preview.identifiers).toEqual(
      expect.arrayContaining([
        { type: 'user_id', value: 'u1' },
        { type: 'email', value: EMAIL.toLowerCase() },
        { type: 'anonymous_id', value: 'ann-device-1' },
      ]),
    )
    expect(preview.identifiers).toHaveLength(3)
    const { receipt } = await remove({ identifiers: [{ type: 'email', value: EMAIL }] })
    const deleted = receipt.rows.filter(({ rows }) => rows > 0)
    expect([...deleted].sort((a, b) => a.table.localeCompare(b.table))).toEqual(preview.rows)
    expect(await project.rows('select user_id, anonymous_id from web.tracks order by id')).toEqual([
      { user_id: 'u2', anonymous_id: 'shared-device' },
      { user_id: 'u2', anonymous_id: null },
    ])
    const why = 'stands in events of others'
    expect(receipt.mentions).toEqual([{ table: 'web.invited', rows: 1, why }])
    expect(receipt.files).toEqual(engine === 'duckdb' ? [join(project.dir, '.muster/warehouse.duckdb')] : [])
    expect(receipt.archiveMentions).toBe(1)
  })

  test('a deletion that was interrupted is ended by the next process, and one that failed by the next try', async () => {
    await open(engine)
    await project.land([...ann(), ...others()])
    const workspace = await project.workspace()
    const archive = join(project.dir, '.muster/archive')
    const [folder] = await readdir(join(archive, 'imports'))
    const [batch = ''] = await readdir(join(archive, 'imports', folder ?? ''))
    const note = join(archive, 'imports', folder ?? '', batch)
    const text = await readFile(note)
    await rm(note)
    await expect(remove({})).rejects.toThrow('is not there')
    expect(await count('web.tracks')).toBe(2)
    const [failed] = await workspace.deletions.list()
    expect(failed).toMatchObject({ state: 'failed', pending: { person: { identifiers: expect.any(Array) } } })
    await writeFile(note, text)
    await project.close()
    const again = await project.workspace()
    await again.deletions.resume({ alone: true })
    await vi.waitFor(async () => expect((await again.deletions.list())[0]?.state).toBe('done'), { timeout: 10_000 })
    const [done] = await again.deletions.list()
    expect(done?.receipt.archive).toMatchObject({ imported: 4 })
    expect(done?.receipt.rows.find(({ table }) => table === 'web.tracks')?.rows).toBe(3)
    await project.close()
    expect(await filesHolding(EMAIL)).toEqual([])
  })

  test('without an archive the log is rid of it; whoever is suppressed too is not stored again', async () => {
    await open(engine, 'log: { archive: false }\n')
    await collect([...ann(), ...others()])
    await remove({ suppress: true })
    const { suppressions } = await project.workspace()
    expect(await suppressions.among(['u1', 'u2', 'ann-device-1'])).toEqual(['u1', 'ann-device-1'])
    expect(await count('shop.tracks')).toBe(2)
    await project.close()
    expect(await filesHolding(EMAIL)).toEqual([])
  })
})
