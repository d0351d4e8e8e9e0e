import PQueue from 'p-queue'
import { schemaName } from '../event/index.ts'
import { batchOf, type EventBatch, type Loadable, type Owner, type TableBatch } from './event-batch.ts'
import { DISCARD_COLUMNS, DISCARDS, Discards } from './event-discards.ts'
import { firstCopies, unreadableTables, unsearchableTables, withoutDuplicates } from './event-duplicates.ts'
import { discardLines, filledColumns, type Insertion, linesOf } from './event-lines.ts'
import type { Columns } from './event-schema.ts'
import { EventTables, isTableFault, type Readiness } from './event-tables.ts'
import { type HeldRow, HeldRows, type Waiting, type WaitingRange } from './held-rows.ts'
import { faultOf, heldDiscard, heldOf, wholeEvent } from './holding.ts'
import { quoted } from './names.ts'
import { deleteRowsOf } from './overwritten.ts'
import { refusedBy, TableRefused } from './table-refused.ts'
import { refreshUsers } from './users-table.ts'
import type { Session, Warehouse } from './warehouse.ts'

export type { Loadable, Owner } from './event-batch.ts'

/** What the loader needs of identity: the number of each owner's identifier, null where none is usable. */
export type NumberOwners = (session: Session, owners: readonly Owner[]) => Promise<readonly (number | null)[]>

export interface LoaderSettings {
  readonly warehouse: Warehouse
  readonly numberOwners: NumberOwners
  /** Quoted name of the table of held rows. */
  readonly heldRows: string
  readonly now: () => Date
}

export interface LoadOptions {
  readonly load: number
  /** Earlier copies are looked for among rows received at or after this instant; absent: among all. */
  readonly since?: Date
  /** Whatever rows the events have are deleted and made anew. Default: an event that is there stays as it is. */
  readonly overwrite?: boolean
  /** Runs in the load's transaction, perhaps more than once: offsets and counts. */
  readonly also: (session: Session, result: LoadResult) => Promise<void>
}

export interface LoadResult {
  readonly loaded: number
  readonly duplicates: number
  readonly discards: number
  /** Rows that wait for their table to be mended. */
  readonly held: number
}

/** Events on their way in, and what is known of them. */
interface Delivery {
  /** To be searched for copies. */
  readonly events: readonly Loadable[]
  /** Known to be no copies: rows that were held. */
  readonly checked: readonly Loadable[]
  /** Held rows that these are. */
  readonly released?: Waiting
}

/** What a load found out before its transaction. */
interface Draft {
  readonly fresh: readonly Loadable[]
  readonly batch: EventBatch
  readonly readiness: Readiness
  /** Events that could not be searched for copies, whole. */
  readonly unsearchable: readonly HeldRow[]
  /** `schema.table` → why its rows are held. */
  readonly faults: ReadonlyMap<string, string>
}

/** What is said of a row whose table may take it, once it has those before it. */
const WAITS = 'earlier rows of its table wait'

const NONE: ReadonlyMap<string, string> = new Map()

/** Lands events in their tables: each once, whatever is sent again. The only writer of event tables. */
export class EventLoader {
  readonly #settings: LoaderSettings
  readonly #warehouse: Warehouse
  readonly #tables: EventTables
  readonly #held: HeldRows

  constructor(settings: LoaderSettings) {
    this.#settings = settings
    this.#warehouse = settings.warehouse
    this.#tables = new EventTables(settings.warehouse)
    this.#held = new HeldRows(settings.warehouse, settings.heldRows)
  }

  /** Rows, discards and whatever `also` does are committed together, or nothing is. Rows a table refuses are held. */
  load(events: readonly Loadable[], options: LoadOptions): Promise<LoadResult> {
    return this.#deliver({ events, checked: [] }, options)
  }

  /** Tables and held rows are looked at again before the next load: somebody changed them. */
  forget(): void {
    this.#tables.forget()
    this.#held.forget()
  }

  /** `schema.table` of those that rows wait for. */
  waitingFor(): Promise<ReadonlySet<string>> {
    return this.#held.tables()
  }

  /** The oldest rows that wait for a table. */
  waiting(table: string, range: WaitingRange): Promise<Waiting | undefined> {
    return this.#held.waiting(table, range)
  }

  /** Lands rows that were held. Throws `table_refused` when their table still does not take them; nothing is changed then. */
  release(waiting: Waiting, options: Pick<LoadOptions, 'load' | 'also'>): Promise<LoadResult> {
    const { checked, unchecked: events } = waiting
    return this.#deliver({ events, checked, released: waiting }, options)
  }

  /** Tries until each table either takes its rows or has refused them twice, the second time as it is now. */
  async #deliver(delivery: Delivery, options: LoadOptions): Promise<LoadResult> {
    const refused = new Map<string, string>()
    const suspects = new Set<string>()
    let again = true
    for (;;) {
      const { remembered } = this.#tables
      try {
        return await this.#attempt(delivery, options, refused)
      } catch (error) {
        this.#tables.forget()
        this.#held.forget()
        if (error instanceof TableRefused) {
          const isSure = !remembered || suspects.has(error.table)
          if (isSure && error.table === delivery.released?.name) throw error.asError()
          if (isSure) refused.set(error.table, error.reason)
          suspects.add(error.table)
          continue
        }
        // Somebody may have altered or dropped a table since it was looked at.
        if (again && isTableFault(error)) {
          again = false
          continue
        }
        throw error
      }
    }
  }

  async #attempt(delivery: Delivery, options: LoadOptions, refused: ReadonlyMap<string, string>): Promise<LoadResult> {
    const draft = await this.#draft(delivery, options, refused)
    const { fresh, batch } = draft
    const { released } = delivery
    const { faults } = draft
    if (released) requireMended(released, draft)
    const result = await this.#warehouse.transaction('load', async (session) => {
      const users = options.overwrite
        ? await deleteRowsOf(session, this.#warehouse, draft.readiness.known, this.#held, fresh)
        : undefined
      const numbers = await this.#settings.numberOwners(session, batch.owners)
      const now = this.#settings.now()
      const discards = new Discards()
      for (const event of fresh) discards.addOf(event)
      const held: HeldRow[][] = [[...draft.unsearchable]]
      if (released) await this.#held.release(session, released)
      const insertion = {
        load: options.load,
        loadedAt: now.toISOString(),
        numbers,
        discards,
        rowRoom: () => this.#warehouse.dialect.rowRoom(),
      }
      const tables = [...batch.tables.values()]
      for (const table of tables) {
        const fault = faultOf(table, faults)
        if (fault) held.push(heldOf(table, fault))
      }
      const fit = tables.filter((table) => !faultOf(table, faults))
      const fill = (table: TableBatch) => () => this.#fill(session, table, draft, insertion)
      await twoAtATime(fit.filter(({ table }) => table !== 'users').map(fill))
      // Made from `identifies`.
      await twoAtATime(fit.filter(({ table }) => table === 'users').map(fill))
      if (users) await this.#refreshOverwritten(session, draft, users)
      held.push(await this.#discard(session, discards, draft))
      const rows = held.flat()
      await this.#held.hold(session, rows, now)
      const counts = {
        loaded: fresh.length,
        duplicates: delivery.events.length + delivery.checked.length - fresh.length - countEvents(draft.unsearchable),
        discards: discards.count,
        held: rows.length,
      }
      await options.also(session, counts)
      return counts
    })
    if (result.held > 0 || released) this.#held.forget()
    return result
  }

  async #draft(delivery: Delivery, options: LoadOptions, refused: ReadonlyMap<string, string>): Promise<Draft> {
    const known = await this.#tables.known()
    const waitedFor = new Map([...(await this.#held.tables())].map((name) => [name, WAITS] as const))
    if (delivery.released) waitedFor.delete(delivery.released.name)
    const { searched, unsearchable } = await this.#search(delivery, options, known)
    const fresh = [...delivery.checked, ...searched]
    const batch = batchOf(fresh)
    const readiness = await this.#tables.prepare(batch)
    const faults = new Map([...waitedFor, ...readiness.faults, ...refused])
    return { fresh, batch, readiness, unsearchable, faults }
  }

  /** The events that are no copies, and those of which that cannot be told now: they are held whole. */
  async #search(
    { events, released }: Delivery,
    { since, overwrite }: LoadOptions,
    known: ReadonlyMap<string, Columns>,
  ): Promise<{ readonly searched: readonly Loadable[]; readonly unsearchable: readonly HeldRow[] }> {
    if (overwrite) return { searched: firstCopies(events), unsearchable: [] }
    const schemas = new Set(events.map(({ source }) => schemaName(source)))
    const search = async (unreadable: ReadonlyMap<string, string>) => {
      const readable = unreadable.size === 0 ? events : events.filter((event) => !unreadable.has(primaryOf(event)))
      const heldIds = (schema: string) => this.#held.idsIn(schema, released)
      return {
        searched: await withoutDuplicates(this.#warehouse, readable, { known, since, heldIds, unreadable }),
        unsearchable: events.flatMap((event) => wholeEvent(event, unreadable.get(primaryOf(event)))),
      }
    }
    const unfit = unsearchableTables(known, schemas)
    try {
      return await search(unfit)
    } catch (error) {
      if (!isTableFault(error)) throw error
      const unreadable = new Map(unfit)
      for (const schema of schemas) {
        for (const [name, reason] of await unreadableTables(this.#warehouse, known, schema))
          unreadable.set(name, reason)
      }
      if (unreadable.size === unfit.size) throw error
      return search(unreadable)
    }
  }

  async #fill(session: Session, batch: TableBatch, { readiness }: Draft, insertion: Insertion): Promise<void> {
    const { schema, table } = batch
    const name = `${schema}.${table}`
    const { known, left, unmade } = readiness
    const target = { columns: known.get(name) ?? new Map(), left: left.get(name) ?? NONE }
    const cap = unmade.get(name)
    if (cap !== undefined) return discardRows(batch, cap, known.get(`${schema}.tracks`), insertion.discards)
    await refusedBy(name, async () => {
      if (table === 'users') {
        const identifies = known.get(`${schema}.identifies`) ?? new Map()
        const ids = new Set(batch.rows.map(({ values }) => String(values.get('id')?.value)))
        await refreshUsers(session, this.#warehouse.dialect, { schema, users: target.columns, identifies }, ids)
      } else {
        const filled = Object.fromEntries(filledColumns(batch, target))
        await session.append(quoted(this.#warehouse.dialect, schema, table), filled, linesOf(batch, target, insertion))
      }
    })
  }

  /** Writes the discards; gives those that are held, because their table does not take them. */
  async #discard(session: Session, discards: Discards, { faults }: Draft): Promise<HeldRow[]> {
    const held: HeldRow[] = []
    for (const [schema, lines] of discards.bySchema) {
      const name = `${schema}.${DISCARDS}`
      const reason = faults.get(name)
      if (reason !== undefined) for (const line of lines) held.push(heldDiscard(line, reason))
      else {
        await refusedBy(name, () =>
          session.append(
            quoted(this.#warehouse.dialect, schema, DISCARDS),
            Object.fromEntries(DISCARD_COLUMNS),
            discardLines(lines),
          ),
        )
      }
    }
    return held
  }

  async #refreshOverwritten(
    session: Session,
    { readiness: { known }, faults }: Draft,
    users: ReadonlyMap<string, ReadonlySet<string>>,
  ): Promise<void> {
    for (const [schema, ids] of users) {
      const columns = known.get(`${schema}.users`)
      const identifies = known.get(`${schema}.identifies`)
      if (!columns || !identifies || faults.has(`${schema}.users`)) continue
      await refreshUsers(session, this.#warehouse.dialect, { schema, users: columns, identifies }, ids)
    }
  }
}

/** The table of an event's type. */
function primaryOf({ source, rows }: Loadable): string {
  return `${schemaName(source)}.${rows[0]?.table}`
}

/** Throws `TableRefused` where rows that were held would only be held again. */
function requireMended({ name, waitsFor }: Waiting, { faults, unsearchable }: Draft): void {
  const reason = faults.get(name) ?? unsearchable.find((row) => row.waitsFor === waitsFor)?.reason
  if (reason !== undefined) throw new TableRefused(name, reason)
}

/** While the rows of one table go in, those of another are written. When it throws, nothing is under way any more. */
async function twoAtATime(fills: readonly (() => Promise<void>)[]): Promise<void> {
  const queue = new PQueue({ concurrency: 2 })
  try {
    await queue.addAll(fills)
  } finally {
    queue.clear()
    await queue.onIdle()
  }
}

function countEvents(rows: readonly HeldRow[]): number {
  return new Set(rows.map(({ event }) => event)).size
}

/** Where a table cannot be made, what only its rows would have held is discarded; the rest is in the table of the type. */
function discardRows(
  { table, rows }: TableBatch,
  reason: string,
  elsewhere: Columns | undefined,
  discards: Discards,
): void {
  for (const row of rows) {
    for (const [column] of row.values) {
      if (!elsewhere?.has(column)) discards.addValue(table, row, column, reason)
    }
  }
}
