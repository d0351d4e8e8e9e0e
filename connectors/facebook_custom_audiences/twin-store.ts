import type { DatabaseSync } from 'node:sqlite'
import type { TwinMember, TwinObject } from '../../src/delivery/twin.ts'

export const credentials = {
  access_token: 'EAATwinAccessToken0000000001',
  ad_account_id: 'act_1001',
  app_secret: 'twin-app-secret-0001',
} as const

export const schema = `
  create table if not exists audiences (
    id text primary key, name text not null, subtype text not null, customer_file_source text not null,
    description text, updated_at integer not null);
  create table if not exists members (
    audience text not null, identity text not null, cells text not null, primary key (audience, identity)) without rowid;
  create table if not exists sessions (
    audience text not null, session text not null, received integer not null, invalid integer not null,
    batches integer not null, finished integer not null, columns text not null, primary key (audience, session));`

const FIRST_ID = 23850000000000000n

export interface Audience {
  readonly id: string
  readonly name: string
  readonly subtype: string
  readonly customer_file_source: string
  readonly description: string | null
  readonly updated_at: number
  readonly members: number
}

const SELECT = `select a.*, (select count(*) from members m where m.audience = a.id) as members from audiences a`

export function readAudience(store: DatabaseSync, id: string): Audience | undefined {
  return store.prepare(`${SELECT} where id = ?`).get(id) as Audience | undefined // the columns selected
}

export function listAudiences(store: DatabaseSync): readonly Audience[] {
  return store.prepare(`${SELECT} order by id`).all() as unknown as readonly Audience[] // likewise
}

export function insertAudience(store: DatabaseSync, audience: Omit<Audience, 'id' | 'members'>): string {
  const row = store.prepare('select count(*) as audiences from audiences').get() as { audiences: number } // likewise
  const id = String(FIRST_ID + BigInt(row.audiences + 1))
  const { name, subtype, customer_file_source, description, updated_at } = audience
  store
    .prepare(
      'insert into audiences (id, name, subtype, customer_file_source, description, updated_at) values (?, ?, ?, ?, ?, ?)',
    )
    .run(id, name, subtype, customer_file_source, description, updated_at)
  return id
}

export function listObjects(store: DatabaseSync): readonly TwinObject[] {
  return listAudiences(store).map(({ id, name, members: count }) => ({ id, name, members: count }))
}

/** Members by their hashes, as nobody could read them at Meta. */
export function members(store: DatabaseSync, object: string | undefined): readonly TwinMember[] {
  const rows = store
    .prepare('select audience, cells from members where ?1 is null or audience = ?1 order by audience, identity')
    .all(object ?? null)
  return rows.map(({ audience, cells }) => ({ audience, ...JSON.parse(String(cells)) }))
}

/** Runs work as one transaction. */
export function transaction<T>(store: DatabaseSync, work: () => T): T {
  store.exec('begin immediate')
  try {
    const result = work()
    store.exec('commit')
    return result
  } catch (error) {
    store.exec('rollback')
    throw error
  }
}
