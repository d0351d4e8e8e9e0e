import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshDatabase } from '../../../test/postgres/database.ts'
import { changesContract } from '../changes.contract.ts'
import { openDuckdb } from '../duckdb/duckdb-warehouse.ts'
import { warehouseContract } from '../warehouse.contract.ts'
import type { FileFormat, Warehouse } from '../warehouse.ts'
import { openPostgres } from './postgres-warehouse.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'muster-postgres-test-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

const open = async (url?: string) =>
  openPostgres({ url: url ?? (await freshDatabase()), scratch: join(root, 'scratch'), data: join(root, 'data') })

describe('Postgres', () => {
  warehouseContract(() => open())
  changesContract(() => open())
})

describe('data files', () => {
  const FILES = {
    'plain.csv':
      'id,n,f,yes,day,at,t,empty\n00042,1,1.5,true,2026-01-02,2026-01-02 03:04:05.678901,"a ""b""\n📦",\n7,,,,,,,\n',
    'semicolons.csv': '\ufeffid;"a; b"\n1;x\n2;y\n',
    'rows.ndjson':
      '{"id":42,"o":{"a":[1,null]},"l":[1,2],"at":"2026-01-02T03:04:05Z"}\n{"id":7,"o":null,"l":[],"more":1.5}\n',
  } as const

  test.each(['plain.csv', 'semicolons.csv', 'rows.ndjson', 'rows.parquet'])('%s is as on DuckDB', async (name) => {
    const folders = { scratch: join(root, name, 'scratch'), data: join(root, name, 'data') }
    await using duckdb = await openDuckdb({ ...folders, path: join(root, name, 'x.duckdb'), memoryLimit: '512MB' })
    await using postgres = await openPostgres({ ...folders, url: await freshDatabase() })
    const file = join(folders.data, name)
    if (name === 'rows.parquet') await writeParquet(file)
    else await writeFile(file, FILES[name as keyof typeof FILES]) // the table above names them
    const read = (warehouse: Warehouse) =>
      warehouse.session(async (session) => {
        const { relation, columns } = await session.readFile(file, extname(name).slice(1) as FileFormat, ['id', 'gone'])
        return { columns, rows: await session.query(`select * from ${relation} order by id`) }
      })
    const [expected, got] = [await read(duckdb), await read(postgres)]
    // What has members is JSON on Postgres, a value of its own on DuckDB.
    const plain = (rows: readonly object[]) =>
      JSON.parse(JSON.stringify(rows).replace(/"(\{.*?\}|\[.*?\])"/g, (_, json) => json.replaceAll('\\"', '"')))
    expect(got.columns).toEqual(expected.columns)
    expect(plain(got.rows)).toEqual(plain(expected.rows))
    expect(got.rows.map(({ id }) => typeof id)).toEqual(['string', 'string'])
  })

  test('what cannot be read says so, and so does what is outside the folder', async () => {
    await using postgres = await open()
    const read = (file: string) => postgres.session((session) => session.readFile(file, 'csv', []))
    await expect(read(join(root, 'data', 'nowhere.csv'))).rejects.toMatchObject({ code: /warehouse_/ })
    await expect(read('/etc/passwd')).rejects.toMatchObject({ code: 'warehouse_refused' })
  })

  async function writeParquet(file: string): Promise<void> {
    const engine = await DuckDBInstance.create(':memory:')
    const connection = await engine.connect()
    await connection.run(
      `copy (select 42 as id, 1.25::decimal(9, 2) as d, timestamptz '2026-01-02 03:04:05.123456+00' as at, date '0044-03-15' as day
       union all select 7, null, null, null) to '${file}'`,
    )
    connection.closeSync()
    engine.closeSync()
  }
})
