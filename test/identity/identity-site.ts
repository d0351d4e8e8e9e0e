import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Identity } from '../../src/identity/index.ts'
import { requireProject } from '../../src/project/index.ts'
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'

/** A row that names somebody; what is absent is null. */
export interface Named {
  readonly user_id?: string
  readonly email?: string
  readonly phone?: string
  readonly anonymous_id?: string
  /** Days after the first of January 2026. */
  readonly day?: number
}

const FIRST = Date.parse('2026-01-01T00:00:00Z')
const COLUMNS = ['user_id', 'email', 'phone', 'anonymous_id'] as const
const text = (value: string | undefined) => (value === undefined ? 'null' : `'${value.replaceAll("'", "''")}'`)

/** An identity over a warehouse of its own: events of source `web` by loads, and the table crm.contacts as it is. */
export class IdentitySite implements AsyncDisposable {
  readonly warehouse: Warehouse
  identity: Identity
  readonly #dir: string
  readonly #settings: object
  #load = 0
  #run = 0

  /** `warehouse` and `identity` as in muster.yaml. */
  static async open(warehouse: object, identity: object = {}): Promise<IdentitySite> {
    const dir = await mkdtemp(join(tmpdir(), 'muster-identity-'))
    const settings = {
      version: 1,
      warehouse,
      sources: { web: { write_key: 'w' } },
      source_tables: { 'crm.contacts': { identifiers: Object.fromEntries(COLUMNS.map((column) => [column, column])) } },
    }
    const site = new IdentitySite(dir, settings, await openWarehouse(await projectOf(dir, { ...settings, identity })))
    await site.clear(identity)
    return site
  }

  private constructor(dir: string, settings: object, warehouse: Warehouse) {
    this.#dir = dir
    this.#settings = settings
    this.warehouse = warehouse
    this.identity = undefined as unknown as Identity // `clear` sets it before anybody sees it
  }

  /** Nothing is there any more, and these settings hold. */
  async clear(identity: object): Promise<void> {
    const columns = COLUMNS.map((column) => `${column} text`).join(', ')
    await this.warehouse.session(async (session) => {
      for (const schema of ['identity', 'stitched', 'web', 'crm'])
        await session.run(`drop schema if exists ${schema} cascade`)
      await session.run('create schema web')
      await session.run('create schema crm')
      await session.run(
        `create table web.identifies (id text, "timestamp" timestamptz, received_at timestamptz, _load bigint, _position bigint, _identifier bigint, ${columns})`,
      )
      await session.run(`create table crm.contacts (${columns})`)
    })
    this.#load = 0
    this.#run = 0
    await this.use(identity)
  }

  /** These settings hold from now on. */
  async use(identity: object): Promise<void> {
    this.identity = new Identity(await projectOf(this.#dir, { ...this.#settings, identity }), this.warehouse)
    await this.identity.open()
  }

  /** The decisions of the project, as its file says them. */
  async decide(rows: readonly string[]): Promise<void> {
    await mkdir(join(this.#dir, 'data'), { recursive: true })
    await writeFile(
      join(this.#dir, 'data/identity_decisions.csv'),
      ['action,type,value,other_type,other_value,note', ...rows].join('\n'),
    )
  }

  async land(rows: readonly Named[]): Promise<void> {
    this.#load += 1
    if (rows.length === 0) return
    const values = rows.map((row, index) => {
      const at = new Date(FIRST + (row.day ?? 0) * 86_400_000).toISOString()
      return `('m${this.#load}-${index}', timestamptz '${at}', timestamptz '${at}', ${this.#load}, ${index}, null, ${cells(row)})`
    })
    await this.warehouse.transaction('load', (session) =>
      session.run(`insert into web.identifies values ${values.join(', ')}`),
    )
  }

  /** What crm.contacts holds from now on. */
  async replaceContacts(rows: readonly Named[]): Promise<void> {
    await this.warehouse.transaction('load', async (session) => {
      await session.run('delete from crm.contacts')
      if (rows.length > 0)
        await session.run(`insert into crm.contacts values ${rows.map((row) => `(${cells(row)})`).join(', ')}`)
    })
  }

  async run(asOfDay = 1000): Promise<void> {
    this.#run += 1
    const asOf = new Date(FIRST + asOfDay * 86_400_000)
    await this.identity.run({ run: this.#run, asOf, load: this.#load, historic: false })
  }

  /** Members by what they are, `type value`, to their profile ids. */
  async members(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.warehouse.session((session) =>
      session.query<{ name: string; profile_id: number }>(
        `select i.type || ' ' || i.value as name, m.profile_id from identity.members m join identity.identifiers i on i.id = m.identifier order by 1`,
      ),
    )
    return new Map(rows.map(({ name, profile_id }) => [name, profile_id]))
  }

  rows<R extends object>(sql: string): Promise<R[]> {
    return this.warehouse.session((session) => session.query<R>(sql))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.warehouse[Symbol.asyncDispose]()
    await rm(this.#dir, { recursive: true, force: true })
  }
}

function cells(row: Named): string {
  return COLUMNS.map((column) => text(row[column])).join(', ')
}

async function projectOf(dir: string, settings: object) {
  await writeFile(join(dir, 'muster.yaml'), JSON.stringify(settings))
  return requireProject(dir, { variables: {} })
}

/** Groups of names, whatever their ids: each sorted, sorted by their first. */
export function partition(members: ReadonlyMap<string, number>): readonly (readonly string[])[] {
  const groups = new Map<number, string[]>()
  for (const [name, id] of members) groups.set(id, [...(groups.get(id) ?? []), name])
  return [...groups.values()].map((names) => names.sort()).sort((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1))
}
