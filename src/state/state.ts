/**
 * State: operational tables (offsets, loads, runs, plans, ledger, memberships) in schema `muster` of the warehouse.
 */
import { readdir } from 'node:fs/promises'
import type { Knex } from 'knex'
import type { Session, Warehouse } from '../warehouse/warehouse.ts'
import { builder } from './builder.ts'

/** One step of the schema's history; the file's name is its identity. */
export interface Migration {
  up(schema: Knex.SchemaBuilder): Knex.SchemaBuilder
}

/** The tables of state, under the environment's prefix. */
export class State {
  readonly warehouse: Warehouse
  /** The physical schema, such as `muster` or `prod_muster`. */
  readonly schema: string

  constructor(warehouse: Warehouse, schema: string) {
    this.warehouse = warehouse
    this.schema = schema
  }

  /** A knex query on a table of state. */
  table(name: string): Knex.QueryBuilder {
    return builder(`${this.schema}.${name}`)
  }

  /** The quoted name of a table of state, for SQL text. */
  name(table: string): string {
    return `${this.warehouse.dialect.identifier(this.schema)}.${this.warehouse.dialect.identifier(table)}`
  }

  transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.warehouse.transaction('state', work)
  }
}

/** Brings the schema of state to this version of Muster. Throws `state_from_the_future` when it is newer. */
export async function openState(warehouse: Warehouse, schema: string): Promise<State> {
  const state = new State(warehouse, schema)
  const migrations = await loadMigrations()
  await warehouse.transaction('state', async (session) => {
    const quoted = warehouse.dialect.identifier(schema)
    await session.run(`create schema if not exists ${quoted}`)
    await session.run(`create table if not exists ${quoted}.migrations (name text, applied_at timestamptz)`)
    const applied = await session.query<{ name: string }>(state.table('migrations').select('name'))
    const done = new Set(applied.map(({ name }) => name))
    for (const [name, migration] of migrations) {
      if (done.has(name)) continue
      for (const { sql } of migration.up(builder.schema.withSchema(schema)).toSQL()) await session.run(sql)
      await session.run(state.table('migrations').insert({ name, applied_at: builder.raw('now()') }))
    }
  })
  return state
}

async function loadMigrations(): Promise<readonly (readonly [string, Migration])[]> {
  const folder = new URL('./migrations/', import.meta.url)
  const files = (await readdir(folder)).filter((file) => /^\d+.*\.(ts|js)$/.test(file)).sort()
  return Promise.all(
    files.map(async (file) => {
      const module = (await import(new URL(file, folder).href)) as { migration: Migration }
      return [file.replace(/\.(ts|js)$/, ''), module.migration] as const
    }),
  )
}
