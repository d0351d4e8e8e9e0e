import { MusterError } from '../core/errors.ts'
import { convert, schemaName } from '../event/index.ts'
import { batchOf, type EventBatch, type Loadable, type Owner, type TableBatch } from './event-batch.ts'
import { DISCARD_COLUMNS, DISCARDS, Discards } from './event-discards.ts'
import { type Columns, neededColumns, OWN_COLUMNS, schemaChanges } from './event-schema.ts'
import { quoted } from './names.ts'
import { refreshUsers } from './users-table.ts'
import type { ColumnType, Session, Warehouse } from './warehouse.ts'

export type { Loadable, Owner } from './event-batch.ts'

/** What the loader needs of identity: the number of each owner's identifier, null where none is usable. */
export type NumberOwners = (session: Session, owners: readonly Owner[]) => Promise<readonly (number | null)[]>

export interface LoadOptions {
  readonly load: number
  /** Earlier copies are looked for among rows received at or after this instant; absent: among all. */
  readonly since?: Date
  /** Runs in the load's transaction, perhaps twice: offsets and counts. */
  readonly also: (session: Session, result: LoadResult) => Promise<void>
}

export interface LoadResult {
  readonly loaded: number
  readonly duplicates: number
  readonly discards: number
}

/** What the rows of a load have in common. */
interface Insertion {
  readonly load: number
  readonly known: ReadonlyMap<string, Columns>
  /** By place of the owner. */
  readonly numbers: readonly (number | null)[]
  readonly discards: Discards
}

type Line = Record<string, string | number | boolean | null>

/** Tables that hold every event of their type once; together they know each message id of a source. */
const PRIMARY_TABLES = ['tracks', 'identifies', 'pages', 'screens', 'groups', 'aliases', 'merges']

/** Lands events in their tables: each once, whatever is sent again. The only writer of event tables. */
export class EventLoader {
  readonly #warehouse: Warehouse
  readonly #numberOwners: NumberOwners
  /** What the tables are, as far as nobody else has altered them. */
  #known: Map<string, Columns> | undefined

  constructor(warehouse: Warehouse, numberOwners: NumberOwners) {
    this.#warehouse = warehouse
    this.#numberOwners = numberOwners
  }

  /** Rows, discards and whatever `also` does are committed together, or nothing is. */
  async load(events: readonly Loadable[], options: LoadOptions): Promise<LoadResult> {
    const remembered = this.#known !== undefined
    try {
      return await this.#load(events, options)
    } catch (error) {
      this.#known = undefined
      // Somebody may have altered or dropped a table since it was looked at.
      if (remembered && error instanceof MusterError && error.code === 'warehouse_refused') {
        return this.load(events, options)
      }
      throw error
    }
  }

  async #load(events: readonly Loadable[], { load, since, also }: LoadOptions): Promise<LoadResult> {
    this.#known ??= new Map(await this.#warehouse.columns())
    const known = this.#known
    const fresh = await this.#withoutDuplicates(known, events, since)
    const batch = batchOf(fresh)
    await this.#evolve(known, batch)
    return this.#warehouse.transaction('load', async (session) => {
      const numbers = await this.#numberOwners(session, batch.owners)
      const discards = new Discards()
      for (const event of fresh) discards.addOf(event)
      for (const table of batch.tables.values()) await this.#fill(session, table, { load, known, numbers, discards })
      for (const [schema, lines] of discards.bySchema) {
        await this.#insert(session, quoted(this.#warehouse.dialect, schema, DISCARDS), DISCARD_COLUMNS, lines)
      }
      const result = { loaded: fresh.length, duplicates: events.length - fresh.length, discards: discards.count }
      await also(session, result)
      return result
    })
  }

  /** The first of each message id in the batch, less those a source has already. */
  async #withoutDuplicates(
    known: ReadonlyMap<string, Columns>,
    events: readonly Loadable[],
    since: Date | undefined,
  ): Promise<readonly Loadable[]> {
    const bySource = new Map<string, Map<string, Loadable>>()
    for (const event of events) {
      const ids = bySource.get(event.source) ?? new Map<string, Loadable>()
      if (!ids.has(event.id)) ids.set(event.id, event)
      bySource.set(event.source, ids)
    }
    for (const [source, ids] of bySource) {
      for (const id of await this.#stored(known, schemaName(source), [...ids.keys()], since)) ids.delete(id)
    }
    return [...bySource.values()].flatMap((ids) => [...ids.values()])
  }

  async #stored(
    known: ReadonlyMap<string, Columns>,
    schema: string,
    ids: readonly string[],
    since: Date | undefined,
  ): Promise<readonly string[]> {
    const { dialect } = this.#warehouse
    const where = since === undefined ? '' : ` where received_at >= ${dialect.timestamp(since)}`
    const earlier = PRIMARY_TABLES.filter((table) => known.has(`${schema}.${table}`)).map(
      (table) => `select id from ${quoted(dialect, schema, table)}${where}`,
    )
    if (earlier.length === 0) return []
    return this.#warehouse.session(async (session) => {
      const { relation } = await session.stage(
        { id: 'string' },
        ids.map((id) => ({ id })),
      )
      const rows = await session.query<{ id: string }>(
        `select distinct e.id from (${earlier.join(' union all ')}) e join ${relation} s on s.id = e.id`,
      )
      return rows.map(({ id }) => id)
    })
  }

  /** Gives every table the columns that the batch needs. */
  async #evolve(known: Map<string, Columns>, { tables }: EventBatch): Promise<void> {
    for (const [name, { schema, table, columns }] of tables) {
      const brought = table === 'users' ? likeIdentifies(known, schema, columns) : columns
      const needed = neededColumns(known.get(name), brought)
      await this.#become(known, { schema, table, needed })
      if (!known.has(`${schema}.${DISCARDS}`)) {
        await this.#become(known, { schema, table: DISCARDS, needed: DISCARD_COLUMNS })
      }
    }
  }

  async #become(
    known: Map<string, Columns>,
    { schema, table, needed }: { schema: string; table: string; needed: Columns },
  ): Promise<void> {
    const name = `${schema}.${table}`
    const changes = schemaChanges(this.#warehouse, { schema, table, existing: known.get(name), needed })
    await this.#warehouse.define(changes)
    known.set(name, needed)
  }

  async #fill(session: Session, batch: TableBatch, insertion: Insertion): Promise<void> {
    const { schema, table, rows } = batch
    const { dialect } = this.#warehouse
    const columns = insertion.known.get(`${schema}.${table}`) ?? new Map()
    if (table === 'users') {
      const identifies = insertion.known.get(`${schema}.identifies`) ?? new Map()
      const ids = new Set(rows.map(({ values }) => String(values.id?.value)))
      return refreshUsers(session, dialect, { schema, users: columns, identifies }, ids)
    }
    const used = new Map(
      [...OWN_COLUMNS, ...batch.columns].map(([column, type]) => [column, columns.get(column) ?? type]),
    )
    await this.#insert(session, quoted(dialect, schema, table), used, linesOf(batch, columns, insertion))
  }

  async #insert(session: Session, table: string, columns: Columns, lines: Iterable<object>): Promise<void> {
    await session.append(table, Object.fromEntries(columns), lines)
  }
}

/** Rows of `users` are made from `identifies`: their columns have the types of that table. */
function likeIdentifies(known: ReadonlyMap<string, Columns>, schema: string, brought: Columns): Columns {
  const identifies = known.get(`${schema}.identifies`)
  return new Map(
    [...brought].map(([column, type]) => [column, column === 'id' ? type : (identifies?.get(column) ?? type)]),
  )
}

/** The rows as they are staged, made one by one; what a column does not take goes to the discards. */
function* linesOf(
  { schema, table, rows }: TableBatch,
  columns: ReadonlyMap<string, ColumnType>,
  { load, numbers, discards }: Insertion,
): Generator<Line> {
  for (const { values, position, owner } of rows) {
    const line: Line = { _load: load, _position: position, _identifier: numbers[owner] ?? null }
    for (const column in values) {
      const value = values[column]
      if (value === undefined) continue
      const type = columns.get(column) ?? value.type
      const converted = value.type === type ? value : convert(value, type)
      if (converted === undefined) discards.addConflict(schema, table, values, column, type)
      else line[column] = converted.value
    }
    yield line
  }
}
