import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { quoted } from '../../src/warehouse/names.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { PostgresServer } from '../../test/postgres/postgres-server.ts'
import { type LoaderSite, openLoaderSite, seconds, shopLoadables } from './loader-site.ts'

const BATCH = 50_000

export interface LoaderAlone {
  /** Events a second. */
  readonly ours: number
  readonly peer: number
}

/** Flattened events into tables, against DuckDB's own read_json of the same rows into the same tables and columns. */
export async function loaderOnDuckdb(dir: string, events: number): Promise<LoaderAlone> {
  await mkdir(dir, { recursive: true })
  await using site = await openLoaderSite(dir)
  const ours = await loadAll(site, events)
  const peer = await readJson(dir, site.warehouse)
  return { ours: events / ours, peer: events / peer }
}

/** The same on a real Postgres, against COPY of the same rows into copies of the tables with their indexes. */
export async function loaderOnPostgres(dir: string, events: number): Promise<LoaderAlone> {
  await mkdir(dir, { recursive: true })
  await using server = await PostgresServer.start()
  const url = await server.createDatabase('bench')
  await using site = await openLoaderSite(dir, { engine: 'postgres', url })
  const ours = await loadAll(site, events)
  return { ours: events / ours, peer: events / (await copyAll(url, site.warehouse)) }
}

/** Seconds that loading takes, flattening left out. */
async function loadAll({ loader }: LoaderSite, events: number): Promise<number> {
  let took = 0
  for (let first = 0; first < events; first += BATCH) {
    const batch = shopLoadables(first, Math.min(BATCH, events - first))
    const options = { load: 1 + first / BATCH, since: new Date(0), also: async () => {} }
    took += await seconds(() => loader.load(batch, options))
  }
  return took
}

async function eventTables(warehouse: Warehouse) {
  const tables = [...(await warehouse.columns('shop'))]
  return tables.map(([name, columns]) => ({ table: name.slice('shop.'.length), columns }))
}

/** Seconds to read all rows of all tables from one file a table. */
async function readJson(dir: string, warehouse: Warehouse): Promise<number> {
  const { dialect } = warehouse
  const instance = await DuckDBInstance.create(join(dir, 'plain.duckdb'))
  const connection = await instance.connect()
  const inserts: string[] = []
  for (const { table, columns } of await eventTables(warehouse)) {
    const file = join(dir, `${table}.ndjson`)
    await pipeline(Readable.from(jsonLines(warehouse, table)), createWriteStream(file))
    const typed = [...columns].map(([name, type]) => [name, dialect.columnType(type)] as const)
    const defined = typed.map(([name, type]) => `${dialect.identifier(name)} ${type}`).join(', ')
    await connection.run(`create table ${dialect.identifier(table)} (${defined})`)
    const types = typed.map(([name, type]) => `${dialect.text(name)}: '${type}'`).join(', ')
    const read = `read_json(${dialect.text(file)}, format = 'newline_delimited', columns = {${types}})`
    inserts.push(`insert into ${dialect.identifier(table)} select * from ${read}`)
  }
  const took = await seconds(async () => {
    await connection.run('begin')
    for (const insert of inserts) await connection.run(insert)
    await connection.run('commit')
  })
  connection.closeSync()
  instance.closeSync()
  return took
}

async function* jsonLines(warehouse: Warehouse, table: string): AsyncIterable<string> {
  const batches = await warehouse.session((session) =>
    session.query(`select * from ${quoted(warehouse.dialect, 'shop', table)}`),
  )
  for (let from = 0; from < batches.length; from += 1000) {
    yield batches
      .slice(from, from + 1000)
      .map((row) => `${JSON.stringify(row)}\n`)
      .join('')
  }
}

/** Seconds to COPY all rows into empty copies of the tables. */
async function copyAll(url: string, warehouse: Warehouse): Promise<number> {
  const client = new pg.Client(url)
  await client.connect()
  const copies: { into: string; rows: Buffer }[] = []
  await client.query('create schema plain')
  for (const { table } of await eventTables(warehouse)) {
    const from = quoted(warehouse.dialect, 'shop', table)
    const into = quoted(warehouse.dialect, 'plain', table)
    await client.query(`create table ${into} (like ${from} including indexes)`)
    copies.push({ into, rows: await buffer(client.query(copyTo(`copy ${from} to stdout`))) })
  }
  const took = await seconds(async () => {
    await client.query('begin')
    for (const { into, rows } of copies) {
      await pipeline(Readable.from([rows]), client.query(copyFrom(`copy ${into} from stdin`)))
    }
    await client.query('commit')
  })
  await client.end()
  return took
}
