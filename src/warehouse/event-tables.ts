import { MusterError } from '../core/errors.ts'
import type { EventBatch } from './event-batch.ts'
import { DISCARD_COLUMNS, DISCARDS } from './event-discards.ts'
import {
  additions,
  type Brought,
  COLUMN_CAP,
  type Columns,
  DERIVED_TABLES,
  MAX_TABLES,
  neededColumns,
  PRIMARY_TABLES,
  retypings,
  TABLE_CAP,
  type TableShape,
  unfit,
} from './event-schema.ts'
import type { Warehouse } from './warehouse.ts'

/** How the tables of a batch stand once they were made ready for it. */
export interface Readiness {
  readonly known: ReadonlyMap<string, Columns>
  /** `schema.table` of those that cannot take the rows now → why. */
  readonly faults: ReadonlyMap<string, string>
  /** `schema.table` → column → why its values cannot be stored as they are. */
  readonly left: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** `schema.table` of those that will not be made → why. */
  readonly unmade: ReadonlyMap<string, string>
}

/** The event tables as they are, and the changes they need. */
export class EventTables {
  readonly #warehouse: Warehouse
  /** What the tables are, as far as nobody else has altered them. */
  #known: Map<string, Columns> | undefined

  constructor(warehouse: Warehouse) {
    this.#warehouse = warehouse
  }

  async known(): Promise<ReadonlyMap<string, Columns>> {
    return this.#look()
  }

  /** Whether they were looked at before, so that somebody may have altered them since. */
  get remembered(): boolean {
    return this.#known !== undefined
  }

  /** They are looked at again before the next batch: somebody may have altered them. */
  forget(): void {
    this.#known = undefined
  }

  /** Gives every table the columns that the batch needs, committed before its load begins. */
  async prepare(batch: EventBatch): Promise<Readiness> {
    const change = new Change(this.#warehouse, await this.#look())
    change.plan(batch)
    await change.carryOut()
    return change
  }

  async #look(): Promise<Map<string, Columns>> {
    this.#known ??= new Map(await this.#warehouse.columns())
    return this.#known
  }
}

const NONE: ReadonlySet<string> = new Set()

class Change implements Readiness {
  readonly known: Map<string, Columns>
  readonly faults = new Map<string, string>()
  readonly left = new Map<string, Map<string, string>>()
  readonly unmade = new Map<string, string>()
  readonly #warehouse: Warehouse
  readonly #shapes = new Map<string, TableShape>()
  /** Tables of each schema, with those to be made. */
  readonly #counts = new Map<string, number>()

  constructor(warehouse: Warehouse, known: Map<string, Columns>) {
    this.#warehouse = warehouse
    this.known = known
  }

  plan({ tables }: EventBatch): void {
    for (const [name, { schema, table, columns, floats }] of tables) {
      const brought = table === 'users' ? this.#likeIdentifies(schema, columns) : columns
      this.#planTable(name, schema, table, { columns: brought, floats })
      const discards = `${schema}.${DISCARDS}`
      if (!this.#shapes.has(discards))
        this.#planTable(discards, schema, DISCARDS, { columns: DISCARD_COLUMNS, floats: NONE })
    }
  }

  /** All additions at once; one by one where that is refused, to know whose fault it is. */
  async carryOut(): Promise<void> {
    const { dialect } = this.#warehouse
    const shapes = [...this.#shapes].filter(([, { existing, needed }]) => !isSame(existing, needed))
    if (shapes.length === 0) return
    try {
      await this.#warehouse.define(shapes.flatMap(([, shape]) => additions(dialect, shape)))
      for (const [name, shape] of shapes) this.#added(name, shape)
    } catch (error) {
      if (!isTableFault(error)) throw error
      for (const [name, shape] of shapes) {
        await this.#attempt(name, async () => {
          await this.#warehouse.define(additions(dialect, shape))
          this.#added(name, shape)
        })
      }
    }
    for (const [name, shape] of shapes) await this.#attempt(name, () => this.#widen(name, shape))
  }

  #planTable(name: string, schema: string, table: string, brought: Brought): void {
    const existing = this.known.get(name)
    if (existing === undefined && !isStandard(table) && !this.#hasRoom(schema))
      return void this.unmade.set(name, TABLE_CAP)
    const fault = existing && unfit(table, existing)
    if (fault !== undefined) return void this.faults.set(name, fault)
    const { columns: needed, left } = neededColumns(table, existing, brought)
    for (const column of left) this.#leave(name, column, COLUMN_CAP)
    this.#shapes.set(name, { schema, table, existing, needed })
  }

  async #attempt(name: string, work: () => Promise<void>): Promise<void> {
    if (this.faults.has(name)) return
    try {
      await work()
    } catch (error) {
      if (!isTableFault(error)) throw error
      this.faults.set(name, error.message)
    }
  }

  #added(name: string, { existing, needed }: TableShape): void {
    this.known.set(name, new Map([...needed, ...(existing ?? [])]))
  }

  async #widen(name: string, shape: TableShape): Promise<void> {
    const now = new Map(this.known.get(name))
    for (const { column, type, statement } of retypings(this.#warehouse.dialect, shape)) {
      if (await this.#retype(name, column, statement)) this.known.set(name, now.set(column, type))
    }
  }

  /** Whether the column could be widened; where a view of somebody else's keeps it, its values go to the discards. */
  async #retype(name: string, column: string, statement: string): Promise<boolean> {
    try {
      await this.#warehouse.define([statement])
      return true
    } catch (error) {
      if (!(error instanceof MusterError) || error.code !== 'column_in_use') throw error
      this.#leave(name, column, error.message)
      return false
    }
  }

  #leave(name: string, column: string, reason: string): void {
    const left = this.left.get(name) ?? new Map<string, string>()
    this.left.set(name, left.set(column, reason))
  }

  #hasRoom(schema: string): boolean {
    const before =
      this.#counts.get(schema) ?? [...this.known.keys()].filter((name) => name.startsWith(`${schema}.`)).length
    this.#counts.set(schema, before + 1)
    return before < MAX_TABLES
  }

  /** Rows of `users` are made from `identifies`: their columns have the types of that table. */
  #likeIdentifies(schema: string, brought: Columns): Columns {
    const name = `${schema}.identifies`
    const identifies = this.#shapes.get(name)?.needed ?? this.known.get(name)
    return new Map(
      [...brought].map(([column, type]) => [column, column === 'id' ? type : (identifies?.get(column) ?? type)]),
    )
  }
}

/** What is wrong with one table, as against what is wrong with the machine or with Muster. */
export function isTableFault(error: unknown): error is MusterError {
  return error instanceof MusterError && ['warehouse_refused', 'warehouse_busy'].includes(error.code)
}

/** Tables that every source has; the others are of its events' names. */
function isStandard(table: string): boolean {
  return PRIMARY_TABLES.includes(table) || DERIVED_TABLES.has(table)
}

function isSame(existing: Columns | undefined, needed: Columns): boolean {
  if (existing?.size !== needed.size) return false
  return [...needed].every(([column, type]) => existing.get(column) === type)
}
