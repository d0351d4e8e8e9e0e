import { convert, type EventRow, type EventRows, schemaName } from '../event/index.ts'
import { applyChanges, type Columns, neededColumns, OWN_COLUMNS, schemaChanges } from './event-schema.ts'
import { refreshUsers } from './users-table.ts'
import type { ColumnType, Session, Warehouse } from './warehouse.ts'

/** An event flattened to rows, with where it came from. */
export interface Loadable extends EventRows {
  readonly source: string
  /** Position in the log, or the line of an import. */
  readonly position: number
}

export interface Owner {
  readonly user_id: string | null
  readonly anonymous_id: string | null
}

/** What the loader needs of identity: the number of each owner's identifier, null where none is usable. */
export type NumberOwners = (session: Session, owners: readonly Owner[]) => Promise<readonly (number | null)[]>

export interface LoadOptions {
  readonly load: number
  /** Earlier copies are looked for among rows received at or after this instant; absent: among all. */
  readonly since?: Date
  /** Runs in the load's transaction: offsets and counts. */
  readonly also: (session: Session, result: LoadResult) => Promise<void>
}

export interface LoadResult {
  readonly loaded: number
  readonly duplicates: number
  readonly discards: number
}

interface Table {
  readonly schema: string
  readonly name: string
  readonly rows: PlacedRow[]
}

interface PlacedRow extends EventRow {
  readonly position: number
  readonly owner: number
}

interface Discard {
  readonly schema: string
  readonly table_name: string
  readonly row_id: string
  readonly column_name: string
  readonly column_value: string
  readonly reason: string
  readonly received_at: string
}

const DISCARD_COLUMNS: Readonly<Record<string, ColumnType>> = {
  table_name: 'string',
  row_id: 'string',
  column_name: 'string',
  column_value: 'string',
  reason: 'string',
  received_at: 'datetime',
}

/** Tables that hold every event of their type once; together they know each message id of a source. */
const PRIMARY_TABLES = ['tracks', 'identifies', 'pages', 'screens', 'groups', 'aliases']

/** Lands events in their tables: each once, whatever is sent again. The only writer of event tables. */
export class EventLoader {
  readonly #warehouse: Warehouse
  readonly #numberOwners: NumberOwners
  #columns: Map<string, Columns> | undefined

  constructor(warehouse: Warehouse, numberOwners: NumberOwners) {
    this.#warehouse = warehouse
    this.#numberOwners = numberOwners
  }

  /** Rows, discards and whatever `also` does are committed together, or nothing is. */
  async load(events: readonly Loadable[], { load, since, also }: LoadOptions): Promise<LoadResult> {
    const fresh = await this.#withoutDuplicates(events, since)
    const { tables, owners } = byTable(fresh)
    const known = await this.#knownColumns()
    const changed = new Map<string, Columns>()
    for (const { schema, name, rows } of tables) {
      changed.set(`${schema}.${name}`, neededColumns(known.get(`${schema}.${name}`), rows))
    }
    await this.#evolve(tables, known, changed)

    return this.#warehouse
      .transaction('load', async (session) => {
        const numbers = await this.#numberOwners(session, owners)
        const discards: Discard[] = fresh.flatMap(discardsOf)
        for (const table of tables) {
          const columns = known.get(`${table.schema}.${table.name}`) ?? new Map()
          await this.#insert(session, table, columns, numbers, load, discards)
        }
        await this.#insertDiscards(session, discards)
        const result = { loaded: fresh.length, duplicates: events.length - fresh.length, discards: discards.length }
        await also(session, result)
        return result
      })
      .catch((error: unknown) => {
        // Whatever failed, somebody may have altered a table: look again before the next try.
        this.#columns = undefined
        throw error
      })
  }

  async #withoutDuplicates(events: readonly Loadable[], since: Date | undefined): Promise<readonly Loadable[]> {
    const bySource = new Map<string, Map<string, Loadable>>()
    for (const event of events) {
      const ids = bySource.get(event.source) ?? new Map<string, Loadable>()
      bySource.set(event.source, ids)
      if (!ids.has(event.id)) ids.set(event.id, event)
    }
    const known = await this.#knownColumns()
    const { dialect } = this.#warehouse
    for (const [source, ids] of bySource) {
      const schema = schemaName(source)
      const earlier = PRIMARY_TABLES.filter((table) => known.has(`${schema}.${table}`)).map(
        (table) =>
          `select id from ${dialect.identifier(schema)}.${dialect.identifier(table)}${since ? ` where received_at >= ${dialect.timestamp(since)}` : ''}`,
      )
      if (earlier.length === 0) continue
      const stored = await this.#warehouse.session(async (session) => {
        const { relation } = await session.stage(
          { id: 'string' },
          [...ids.keys()].map((id) => ({ id })),
        )
        return session.query<{ id: string }>(
          `select distinct e.id from (${earlier.join(' union all ')}) e join ${relation} s on s.id = e.id`,
        )
      })
      for (const { id } of stored) ids.delete(id)
    }
    return [...bySource.values()].flatMap((ids) => [...ids.values()])
  }

  async #knownColumns(): Promise<Map<string, Columns>> {
    this.#columns ??= new Map(await this.#warehouse.columns())
    return this.#columns
  }

  async #evolve(tables: readonly Table[], known: Map<string, Columns>, changed: ReadonlyMap<string, Columns>) {
    await this.#warehouse.session(async (session) => {
      for (const { schema, name } of tables) {
        const full = `${schema}.${name}`
        const needed = changed.get(full) ?? new Map()
        await applyChanges(
          session,
          schemaChanges(this.#warehouse, { schema, table: name, existing: known.get(full), needed }),
        )
        known.set(full, needed)
        if (!known.has(`${schema}.discards`)) await this.#createDiscards(session, schema, known)
      }
    })
  }

  async #createDiscards(session: Session, schema: string, known: Map<string, Columns>) {
    const needed = new Map(Object.entries(DISCARD_COLUMNS))
    await applyChanges(
      session,
      schemaChanges(this.#warehouse, { schema, table: 'discards', existing: undefined, needed }),
    )
    known.set(`${schema}.discards`, needed)
  }

  async #insert(
    session: Session,
    table: Table,
    columns: Columns,
    numbers: readonly (number | null)[],
    load: number,
    discards: Discard[],
  ) {
    const used = new Map<string, ColumnType>(Object.entries(OWN_COLUMNS))
    const lines: Record<string, string | number | boolean | null>[] = []
    for (const { values, position, owner } of table.rows) {
      const line: Record<string, string | number | boolean | null> = {
        _load: load,
        _position: position,
        _identifier: numbers[owner] ?? null,
      }
      for (const [column, value] of Object.entries(values)) {
        const type = columns.get(column) ?? value.type
        const converted = value.type === type ? value : convert(value, type)
        if (converted === undefined) {
          discards.push(typeConflict(table, values, column, type))
          continue
        }
        used.set(column, type)
        line[column] = converted.value
      }
      lines.push(line)
    }
    if (table.name === 'users') return refreshUsers(session, this.#warehouse.dialect, table.schema, lines, columns)
    await this.#insertLines(session, table, used, lines)
  }

  async #insertLines(
    session: Session,
    { schema, name }: { schema: string; name: string },
    columns: Columns,
    lines: readonly object[],
  ) {
    const { dialect } = this.#warehouse
    const { relation } = await session.stage(Object.fromEntries(columns), lines)
    const names = [...columns.keys()].map((column) => dialect.identifier(column)).join(', ')
    const values = [...columns].map(([column, type]) =>
      type === 'json' ? `${dialect.identifier(column)}::json` : dialect.identifier(column),
    )
    await session.run(
      `insert into ${dialect.identifier(schema)}.${dialect.identifier(name)} (${names}) select ${values.join(', ')} from ${relation}`,
    )
  }

  async #insertDiscards(session: Session, discards: readonly Discard[]) {
    for (const schema of new Set(discards.map((discard) => discard.schema))) {
      const lines = discards.filter((discard) => discard.schema === schema)
      await this.#insertLines(session, { schema, name: 'discards' }, new Map(Object.entries(DISCARD_COLUMNS)), lines)
    }
  }
}

function byTable(events: readonly Loadable[]): { tables: readonly Table[]; owners: readonly Owner[] } {
  const tables = new Map<string, Table>()
  const owners: Owner[] = []
  const ownerPlaces = new Map<string, number>()
  for (const event of events) {
    const schema = schemaName(event.source)
    const owner = placeOf(ownerOf(event), owners, ownerPlaces)
    for (const row of event.rows) {
      const key = `${schema}.${row.table}`
      const table = tables.get(key) ?? { schema, name: row.table, rows: [] }
      tables.set(key, table)
      table.rows.push({ ...row, position: event.position, owner })
    }
  }
  return { tables: [...tables.values()], owners }
}

function ownerOf({ rows }: Loadable): Owner {
  const values = rows[0]?.values ?? {}
  const text = (column: string) => (values[column] === undefined ? null : String(values[column].value))
  return { user_id: text('user_id'), anonymous_id: text('anonymous_id') }
}

function placeOf(owner: Owner, owners: Owner[], places: Map<string, number>): number {
  const key = `${owner.user_id ?? ''}\u0000${owner.anonymous_id ?? ''}`
  const known = places.get(key)
  if (known !== undefined) return known
  owners.push(owner)
  places.set(key, owners.length - 1)
  return owners.length - 1
}

function discardsOf(event: Loadable): Discard[] {
  const received = event.rows[0]?.values.received_at?.value
  return event.discards.map(({ table, column, value, reason }) => ({
    schema: schemaName(event.source),
    table_name: table,
    row_id: event.id,
    column_name: column,
    column_value: value,
    reason,
    received_at: String(received),
  }))
}

function typeConflict({ schema, name }: Table, values: EventRow['values'], column: string, type: ColumnType): Discard {
  const value = values[column]
  return {
    schema,
    table_name: name,
    row_id: String(values.id?.value),
    column_name: column,
    column_value: String(value?.value),
    reason: `the column is ${type}, the value ${value?.type}`,
    received_at: String(values.received_at?.value),
  }
}
