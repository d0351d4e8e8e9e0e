import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { changesContract } from '../changes.contract.ts'
import { warehouseContract } from '../warehouse.contract.ts'
import type { FileFormat, Warehouse } from '../warehouse.ts'
import { type DuckdbSettings, openDuckdb } from './duckdb-warehouse.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'muster-duckdb-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

const settingsOf = (name: string): DuckdbSettings => ({
  path: join(root, name, 'warehouse.duckdb'),
  scratch: join(root, name, 'scratch'),
  data: join(root, name, 'data'),
  memoryLimit: '512MB',
})
const open = (name: string) => openDuckdb(settingsOf(name))

describe('DuckDB', () => {
  warehouseContract(() => open('contract'))
  changesContract(() => open('changes'))
})

describe('opening', () => {
  test('a file another process holds names it, and takes nothing from it', async () => {
    const settings = settingsOf('held')
    await mkdir(join(settings.scratch, 'staging'), { recursive: true })
    await writeFile(join(settings.scratch, 'staging', 'theirs.ndjson'), '{}')
    const code = `import { DuckDBInstance } from '@duckdb/node-api'
      await DuckDBInstance.create(${JSON.stringify(settings.path)}); console.log('open'); setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    await expect(openDuckdb(settings)).rejects.toMatchObject({
      code: 'warehouse_locked',
      message: expect.stringContaining(`pid ${child.pid}`),
    })
    expect(await readdir(join(settings.scratch, 'staging'))).toEqual(['theirs.ndjson'])
    child.kill('SIGKILL')
    await once(child, 'exit')
    await (await openDuckdb(settings))[Symbol.asyncDispose]()
    expect(await readdir(join(settings.scratch, 'staging'))).toEqual([])
  })

  test.each([
    ['text', 'This is not a database, but it is long enough to look like one. '.repeat(400)],
    ['a path that speaks of locks', 'locked blocks. '.repeat(1000)],
    ['noise', Buffer.alloc(20_000, 7)],
  ])('a damaged file is unreadable: %s', async (name, content) => {
    const settings = settingsOf(`damaged ${name}`)
    await mkdir(join(root, `damaged ${name}`), { recursive: true })
    await writeFile(settings.path, content)
    await expect(openDuckdb(settings)).rejects.toMatchObject({
      code: 'warehouse_unreadable',
      message: expect.stringContaining(settings.path),
    })
    expect(await readFile(settings.path)).toEqual(Buffer.from(content))
  })

  test('a file cut short is unreadable', async () => {
    const settings = settingsOf('short')
    const warehouse = await openDuckdb(settings)
    await warehouse.session((session) => session.run('create table t as select * from range(100000)'))
    await warehouse[Symbol.asyncDispose]()
    const whole = await readFile(settings.path)
    await writeFile(settings.path, whole.subarray(0, 5000))
    await expect(openDuckdb(settings)).rejects.toMatchObject({ code: 'warehouse_unreadable' })
  })

  test.each(['path', 'scratch', 'data'] as const)('a folder that cannot be made is named: %s', async (which) => {
    const file = join(root, `a-file-${which}`)
    await writeFile(file, '')
    const settings = { ...settingsOf(`unwritable ${which}`), [which]: join(file, 'below', 'x') }
    await expect(openDuckdb(settings)).rejects.toMatchObject({
      code: 'folder_unwritable',
      message: expect.stringContaining(join(file, 'below')),
    })
  })

  test('what was committed is there again', async () => {
    const first = await open('again')
    await first.transaction('load', (session) => session.run('create table t as select 1 as n'))
    await first[Symbol.asyncDispose]()
    const second = await open('again')
    expect(await second.session((session) => session.query('select n from t'))).toEqual([{ n: 1 }])
    await second[Symbol.asyncDispose]()
  })
})

describe('shut off', () => {
  let warehouse: Warehouse
  beforeAll(async () => {
    await mkdir(settingsOf('shut').data, { recursive: true })
    await writeFile(join(root, 'secret.csv'), 'a\n1\n')
    warehouse = await open('shut')
  })
  afterAll(() => warehouse[Symbol.asyncDispose]())

  test.each([
    `select * from read_csv('SECRET')`,
    `select * from 'SECRET'`,
    `select * from read_text('/etc/passwd')`,
    `select * from read_csv('DATA/../../secret.csv')`,
    `select * from glob('/etc/*')`,
    `select * from read_json('https://example.com/x.json')`,
    `select * from 'https://example.com/x.parquet'`,
    `select * from read_parquet('s3://bucket/x.parquet')`,
    `attach 'ROOT/other.duckdb' as other`,
    `copy (select 1) to 'ROOT/out.csv'`,
    `copy (select 1) to 'DATA/out.csv'`,
    `export database 'ROOT/all'`,
    'install httpfs',
    'load httpfs',
    `set memory_limit = '1GB'`,
    'set global enable_external_access = true',
    'pragma database_size',
    'call pragma_version()',
    'checkpoint',
    'vacuum',
    `prepare p as select 1`,
    `explain select 1`,
    `select getenv('HOME')`,
    `select * from query('drop table x')`,
  ])('%s is refused', async (sql) => {
    const text = sql
      .replaceAll('SECRET', join(root, 'secret.csv'))
      .replaceAll('DATA', settingsOf('shut').data)
      .replaceAll('ROOT', root)
    await expect(warehouse.userQuery(text, { maxRows: 10 })).rejects.toMatchObject({ code: 'warehouse_refused' })
    await expect(readdir(settingsOf('shut').data)).resolves.toEqual([])
    expect((await readdir(root)).filter((name) => /other|out|all/.test(name))).toEqual([])
  })

  test.each(['describe select 1 as n', 'show tables', 'summarize select 1 as n', 'from (values (1)) t(n)'])(
    '%s is a query too',
    async (sql) => {
      await expect(warehouse.userQuery(sql, { maxRows: 10 })).resolves.toHaveProperty('rows')
    },
  )

  test("Muster's own SQL cannot leave its folders either", async () => {
    const reading = warehouse.session((session) =>
      session.query(`select * from read_csv('${join(root, 'secret.csv')}')`),
    )
    await expect(reading).rejects.toMatchObject({ code: 'warehouse_refused' })
    await expect(warehouse.session((session) => session.run('set threads = 1'))).rejects.toThrow('locked')
  })
})

describe('values of the engine', () => {
  let warehouse: Warehouse
  beforeAll(async () => {
    warehouse = await open('values')
  })
  afterAll(() => warehouse[Symbol.asyncDispose]())

  test.each<readonly [string, unknown]>([
    ['170141183460469231731687303715884105727::hugeint', '170141183460469231731687303715884105727'],
    ['12::utinyint', 12],
    ['123.45::decimal(18,2)', 123.45],
    [`timestamp '2026-01-02 03:04:05'`, new Date('2026-01-02T03:04:05Z')],
    [`'infinity'::timestamptz`, 'infinity'],
    [`timestamptz '290000-01-01 00:00:00+00'`, '290000-01-01 00:00:00+00'],
    [`time '10:00:01'`, '10:00:01'],
    ['interval 36 hours', '36:00:00'],
    [`'ab'::blob`, 'ab'],
    [`'a'::enum('a', 'b')`, 'a'],
    [`'3f1b6e0a-0000-4000-8000-000000000001'::uuid`, '3f1b6e0a-0000-4000-8000-000000000001'],
    [`[1::bigint, 9007199254740993]`, [1, '9007199254740993']],
    [`{'n': 1::bigint, 'd': date '2026-01-02'}`, { n: 1, d: '2026-01-02' }],
    [`map {'k': 1::bigint}`, [{ key: 'k', value: 1 }]],
  ])('%s is %j, and can be written as JSON', async (expression, expected) => {
    const { rows } = await warehouse.userQuery(`select ${expression} as v`, { maxRows: 1 })
    expect(rows).toEqual([{ v: expected }])
    expect(() => JSON.stringify(rows)).not.toThrow()
  })
})

describe('data files', () => {
  let warehouse: Warehouse
  const file = (name: string) => join(settingsOf('files').data, name)
  const UPPER = '3F1B6E0A-0000-4000-8000-00000000000A'
  const NOON = '2026-01-02T12:00:00Z'
  beforeAll(async () => {
    warehouse = await open('files')
    await writeFile(file("it's.csv"), 'id,"a ""b""",n\n00042,x,1\n7,y,2\n')
    await writeFile(file('rows.ndjson'), '{"id":42,"n":1}\n{"id":"7","n":2}\n')
    await writeFile(file('upper.ndjson'), `{"id":"${UPPER}","at":"${NOON}","n":1,"o":{"a":1},"when":"${NOON}"}\n`)
    const engine = await DuckDBInstance.create(':memory:')
    const connection = await engine.connect()
    await connection.run(`copy (select 42 as id, 1 as n union all select 7, 2) to '${file('rows.parquet')}'`)
    connection.closeSync()
    engine.closeSync()
  })
  afterAll(() => warehouse[Symbol.asyncDispose]())

  const read = (name: string, format: FileFormat, text: readonly string[]) =>
    warehouse.session(async (session) => {
      const { relation } = await session.readFile(file(name), format, text)
      return session.query<{ id: unknown }>(`select * from ${relation} order by n`)
    })

  test('CSV: what is wanted as text is never taken for a number', async () => {
    const rows = await read("it's.csv", 'csv', ['id', 'a "b"'])
    expect(rows).toEqual([
      { id: '00042', 'a "b"': 'x', n: 1 },
      { id: '7', 'a "b"': 'y', n: 2 },
    ])
  })

  test.each([
    ['rows.ndjson', 'ndjson'],
    ['rows.parquet', 'parquet'],
  ] as const)('%s: columns as text', async (name, format) => {
    const rows = await read(name, format, ['id'])
    expect(rows.map(({ id }) => id)).toEqual(['42', '7'])
  })

  test('NDJSON: text stays as it is written, the rest has its types', async () => {
    const rows = await read('upper.ndjson', 'ndjson', ['id', 'at'])
    expect(rows).toEqual([{ id: UPPER, at: NOON, n: 1, o: { a: 1 }, when: new Date(NOON) }])
  })
})
