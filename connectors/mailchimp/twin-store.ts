import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { TwinMember, TwinObject } from '../../src/delivery/twin.ts'

export const credentials = {
  api_key: '00000000000000000000000000000001-us1',
  list_id: 'a1b2c3d4e5',
  server_prefix: 'us1',
} as const

export const schema = `
  create table if not exists contacts (
    hash text primary key, email_address text not null, status text not null, merge_fields text not null,
    unsubscribed_by text, archived_from text) without rowid;
  create table if not exists forgotten (hash text primary key) without rowid;
  create table if not exists tags (id integer primary key autoincrement, name text not null unique);
  create table if not exists contact_tags (
    tag integer not null, hash text not null, primary key (tag, hash)) without rowid;
  create index if not exists tags_of_contact on contact_tags (hash);`

export type Status = 'subscribed' | 'unsubscribed' | 'cleaned' | 'pending' | 'transactional' | 'archived'

export interface Contact {
  readonly hash: string
  readonly email_address: string
  readonly status: Status
  /** JSON text. */
  readonly merge_fields: string
  /** Who ended the subscription: the person, or a call of the API. */
  readonly unsubscribed_by: 'person' | 'api' | null
  readonly archived_from: Status | null
}

export interface Tag {
  readonly id: number
  readonly name: string
}

/** MD5 of the lower-cased address: a contact's id. */
export function subscriberHash(email: string): string {
  return createHash('md5').update(email.toLowerCase()).digest('hex')
}

export function readContact(store: DatabaseSync, hash: string): Contact | undefined {
  return store.prepare('select * from contacts where hash = ?').get(hash) as Contact | undefined // the table's columns
}

export function writeContact(store: DatabaseSync, contact: Contact): void {
  const { hash, email_address, status, merge_fields, unsubscribed_by, archived_from } = contact
  store
    .prepare('insert or replace into contacts values (?, ?, ?, ?, ?, ?)')
    .run(hash, email_address, status, merge_fields, unsubscribed_by, archived_from)
}

export function isForgotten(store: DatabaseSync, hash: string): boolean {
  return store.prepare('select 1 from forgotten where hash = ?').get(hash) !== undefined
}

export function forget(store: DatabaseSync, hash: string): void {
  store.prepare('delete from contacts where hash = ?').run(hash)
  store.prepare('delete from contact_tags where hash = ?').run(hash)
  store.prepare('insert or ignore into forgotten values (?)').run(hash)
}

export function tagNamed(store: DatabaseSync, name: string): Tag | undefined {
  return store.prepare('select id, name from tags where name = ?').get(name) as Tag | undefined // the columns selected
}

export function tagById(store: DatabaseSync, id: string): Tag | undefined {
  return store.prepare('select id, name from tags where id = ?').get(id) as Tag | undefined // likewise
}

export function makeTag(store: DatabaseSync, name: string): Tag {
  store.prepare('insert into tags (name) values (?)').run(name)
  return tagNamed(store, name) as Tag // made just now
}

export function tagsOf(store: DatabaseSync, hash: string): readonly Tag[] {
  const sql = 'select t.id, t.name from contact_tags c join tags t on t.id = c.tag where c.hash = ? order by t.name'
  return store.prepare(sql).all(hash) as unknown as readonly Tag[] // likewise
}

/** Archived contacts are on no list, and in no tag. */
export function tagSize(store: DatabaseSync, tag: number): number {
  const sql = `select count(*) as contacts from contact_tags c join contacts m using (hash) where c.tag = ? and m.status <> 'archived'`
  return Number(store.prepare(sql).get(tag)?.contacts)
}

/** Gives whether it changed anything. */
export function setTag(store: DatabaseSync, tag: number, hash: string, active: boolean): boolean {
  const sql = active
    ? 'insert or ignore into contact_tags values (?, ?)'
    : 'delete from contact_tags where tag = ? and hash = ?'
  return store.prepare(sql).run(tag, hash).changes > 0
}

export function listObjects(store: DatabaseSync): readonly TwinObject[] {
  const tags = store.prepare('select id, name from tags order by id').all() as unknown as readonly Tag[] // likewise
  return tags.map(({ id, name }) => ({ id: String(id), name, members: tagSize(store, id) }))
}

/** Contacts of a tag, or all of the list. */
export function contactMembers(store: DatabaseSync, object: string | undefined): readonly TwinMember[] {
  const rows = store
    .prepare(
      `select m.* from contacts m where ?1 is null or exists (
         select 1 from contact_tags c where c.hash = m.hash and c.tag = ?1 and m.status <> 'archived')
       order by email_address`,
    )
    .all(object ?? null) as unknown as readonly Contact[] // likewise
  return rows.map(({ hash, email_address, status, merge_fields }) => ({
    email_address,
    status,
    merge_fields: JSON.parse(merge_fields),
    tags: tagsOf(store, hash).map(({ name }) => name),
  }))
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
