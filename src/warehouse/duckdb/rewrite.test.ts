import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Files, systemFiles } from '../../core/files.ts'
import type { Warehouse } from '../warehouse.ts'
import { openDuckdb } from './duckdb-warehouse.ts'
import { rewriteDraft, rewriteFile } from './rewrite.ts'

const EMAIL = 'Ann.Needle@x.io'
let folder: string
let path: string

const openAt = (path: string): Promise<Warehouse> =>
  openDuckdb({ path, scratch: join(folder, 'scratch'), data: join(folder, 'data'), threads: 1, compression: 'none' })
const open = () => openAt(path)
const holds = async (text: string) => (await readFile(path)).includes(text)

async function run(warehouse: Warehouse, ...statements: readonly string[]): Promise<void> {
  await warehouse.session(async (session) => {
    for (const statement of statements) await session.run(statement)
  })
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-rewrite-'))
  path = join(folder, 'w.duckdb')
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const SUM = (4999 * 5000) / 2
const PEOPLE = `create table people as select range as id, case when range = 77 then '${EMAIL}' else 'p' || range || '@x.io' end as email
  from range(5000)`

test('a deleted address stays in the file until it is rewritten', async () => {
  await using warehouse = await open()
  await run(warehouse, PEOPLE, 'checkpoint', 'delete from people where id = 77', 'checkpoint')
  expect(await holds(EMAIL)).toBe(true)
  expect(await warehouse.compact([EMAIL.toLowerCase()])).toEqual({ traces: [] })
  expect(await holds(EMAIL)).toBe(false)
  expect(await warehouse.session((session) => session.query('select count(*) as rows from people'))).toEqual([
    { rows: 4999 },
  ])
})

test('what is still in a table is told as a trace', async () => {
  await using warehouse = await open()
  await run(warehouse, PEOPLE)
  expect(await warehouse.compact([EMAIL])).toEqual({ traces: [path] })
})

test('a file without a needle is not rewritten', async () => {
  await using warehouse = await open()
  await run(warehouse, PEOPLE, 'delete from people where id = 77', 'checkpoint')
  await warehouse.compact(['nobody@x.io'])
  expect(await holds(EMAIL)).toBe(true)
})

test('views of views in any order, sequences, defaults, keys, checks, indexes, types and macros survive', async () => {
  await using warehouse = await open()
  await run(
    warehouse,
    'create schema a',
    'create schema b',
    'create schema "Z z"',
    'create sequence b.ids start 5',
    `create type b.mood as enum ('low', 'high')`,
    `create table b.people (id bigint default nextval('b.ids') primary key, email varchar not null check (length(email) > 1), mood b.mood, doc json)`,
    'create table a.parents (id bigint primary key)',
    'create table a.children (parent bigint references a.parents (id))',
    'create unique index by_email on b.people (email)',
    'create view b.base as select * from b.people',
    'create view "Z z".middle as select * from b.base',
    'create view a.first as select * from "Z z".middle',
    'create macro b.twice(x) as 2 * x',
    `insert into b.people (email, mood, doc) values ('${EMAIL}', 'low', '{"a":1}'), ('b@x.io', 'high', null)`,
    'insert into a.parents values (1)',
    'insert into a.children values (1)',
  )
  await warehouse.compact([EMAIL])
  const [row] = await warehouse.session((session) =>
    session.query(
      `select (select count(*) from a.first) as viewed, (select count(*) from a.children) as children, b.twice(4) as twice`,
    ),
  )
  expect(row).toEqual({ viewed: 2, children: 1, twice: 8 })
  await run(warehouse, `insert into b.people (email) values ('c@x.io')`)
  const ids = await warehouse.session((session) => session.query('select id from b.people order by id'))
  expect(ids).toEqual([{ id: 5 }, { id: 6 }, { id: 7 }])
  for (const refused of [
    `insert into b.people (email) values ('c@x.io')`,
    `insert into b.people (email) values ('')`,
    'insert into b.people (email) values (null)',
    'insert into a.children values (2)',
  ]) {
    await expect(run(warehouse, refused)).rejects.toMatchObject({ code: 'warehouse_refused' })
  }
})

describe('while the server runs', () => {
  test('sessions under way end first, those that come wait, and the settings are the same', async () => {
    await using warehouse = await open()
    await run(warehouse, PEOPLE, 'checkpoint')
    const under = warehouse.transaction('load', async (session) => {
      await session.run('delete from people where id = 77')
      await warehouse.session((nested) => nested.query('select 1'))
      return session.run('delete from people where id = 78')
    })
    const compacted = warehouse.compact([EMAIL])
    const later = Array.from({ length: 20 }, () =>
      warehouse.transaction('state', (session) => session.run(`insert into people values (1, 'later@x.io')`)),
    )
    expect([await under, await compacted]).toEqual([1, { traces: [] }])
    await Promise.all(later)
    const [{ rows } = { rows: 0 }] = await warehouse.session((session) =>
      session.query<{ rows: number }>('select count(*) as rows from people'),
    )
    expect(rows).toBe(5018)
    await expect(run(warehouse, `copy people to '${join(folder, 'out.csv')}'`)).rejects.toMatchObject({
      code: 'warehouse_refused',
    })
  })

  test('a rewrite that fails leaves everything as it was and usable', async () => {
    await using warehouse = await open()
    await run(warehouse, PEOPLE, 'checkpoint', 'delete from people where id = 77')
    // A folder in the draft's place is not removed as a file is.
    await mkdir(join(rewriteDraft(path), 'in the way'), { recursive: true })
    await expect(warehouse.compact([EMAIL])).rejects.toMatchObject({ code: 'warehouse_failed' })
    await rm(rewriteDraft(path), { recursive: true })
    expect(await warehouse.session((session) => session.query('select count(*) as rows from people'))).toEqual([
      { rows: 4999 },
    ])
    expect(await warehouse.compact([EMAIL])).toEqual({ traces: [] })
  })
})

test('what a killed rewrite left behind is removed, and the old file holds all', async () => {
  {
    await using warehouse = await open()
    await run(warehouse, PEOPLE)
  }
  await writeFile(rewriteDraft(path), `half of ${EMAIL}`)
  await writeFile(`${rewriteDraft(path)}.wal`, EMAIL)
  await using warehouse = await open()
  await expect(readFile(rewriteDraft(path))).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(readFile(`${rewriteDraft(path)}.wal`)).rejects.toMatchObject({ code: 'ENOENT' })
  expect(await warehouse.session((session) => session.query('select count(*) as rows from people'))).toEqual([
    { rows: 5000 },
  ])
})

/** Files as they are, until the process dies before its nth work on them: `onDeath` keeps what is on disk then. */
function mortalFiles(nth: number, onDeath: () => Promise<void>): Files {
  let left = nth
  const living =
    <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      left -= 1
      if (left === 0) await onDeath()
      if (left <= 0) throw new Error('killed')
      return work(...args)
    }
  const { open: openFile, list, rename, remove, syncFolder } = systemFiles
  return {
    ...systemFiles,
    open: living(openFile),
    list: living(list),
    rename: living(rename),
    remove: living(remove),
    syncFolder: living(syncFolder),
  }
}

/** Kills a rewrite before its nth work on files; gives what that leaves, undefined where it was done by then. */
async function killedBefore(nth: number, settings: { readonly path: string }): Promise<string | undefined> {
  const left = join(folder, `left-${nth}`)
  const files = mortalFiles(nth, async () => {
    await mkdir(left)
    for (const name of ['w.duckdb', 'w.duckdb.wal', 'w.duckdb.rewrite', 'w.duckdb.rewrite.wal']) {
      await cp(join(settings.path, '..', name), join(left, name)).catch(() => {}) // not there at this step
    }
  })
  try {
    await rewriteFile({ ...settings, threads: 1, compression: 'none' }, join(folder, 'spill'), files)
    return undefined
  } catch (error) {
    expect(String(error)).toContain('killed')
    return left
  }
}

test('killed before any of its steps it loses nothing, and the next rewrite ends what it began', async () => {
  {
    await using warehouse = await open()
    await run(warehouse, PEOPLE, 'checkpoint', 'delete from people where id = 77', 'checkpoint')
  }
  const held: boolean[] = []
  for (let nth = 1; ; nth++) {
    const copy = join(folder, `run-${nth}`)
    await mkdir(copy)
    await cp(path, join(copy, 'w.duckdb'))
    const crashed = await killedBefore(nth, { path: join(copy, 'w.duckdb') })
    if (crashed === undefined) break
    const file = join(crashed, 'w.duckdb')
    const had = (await readFile(file)).includes(EMAIL)
    await using warehouse = await openAt(file)
    const kept = 'select count(*) as rows, count(distinct id) as ids, sum(id) as sum from people'
    expect(await warehouse.session((session) => session.query(kept))).toEqual([
      { rows: 4999, ids: 4999, sum: SUM - 77 },
    ])
    expect(await warehouse.compact([EMAIL])).toEqual({ traces: [] })
    expect((await readFile(file)).includes(EMAIL)).toBe(false)
    await expect(readFile(rewriteDraft(file))).rejects.toMatchObject({ code: 'ENOENT' })
    held.push(had)
  }
  // Before the new file takes the old one's place, and after it.
  expect(held).toEqual([true, true, true, true, true, true, false])
})
