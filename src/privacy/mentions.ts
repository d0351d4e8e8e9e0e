import type { Identifier } from '../event/index.ts'
import type { Project } from '../project/index.ts'
import type { Session, Warehouse } from '../warehouse/warehouse.ts'
import { type BaseTable, baseTables, isEventTable } from './base-tables.ts'
import type { Mention } from './receipt.ts'
import { needlesOf } from './subject.ts'

/** Tables of state that deletions do not reach in this version. */
const SYNCS = ['ledger', 'intents', 'rejections']

/** Rows of every table in which an address or a long id of the person still stands, in whatever case. */
export async function findMentions(
  warehouse: Warehouse,
  { project, state }: { readonly project: Project; readonly state: string },
  identifiers: readonly Identifier[],
): Promise<readonly Mention[]> {
  const needles = needlesOf(identifiers)
  if (needles.length === 0) return []
  const mentions: Mention[] = []
  for (const table of await baseTables(warehouse)) {
    // It holds whom it deletes until it has.
    if (table.schema === state && table.name === 'deletions') continue
    const rows = await warehouse.session((session) => countHolding(session, warehouse, table, needles))
    if (rows > 0) mentions.push({ table: `${table.schema}.${table.name}`, rows, why: whyOf(table, project, state) })
  }
  return mentions
}

async function countHolding(
  session: Session,
  { dialect }: Warehouse,
  { table, columns }: BaseTable,
  needles: readonly string[],
): Promise<number> {
  const texts = [...columns].filter(([, type]) => ['string', 'json', 'other'].includes(type))
  if (texts.length === 0) return 0
  const conditions = texts.flatMap(([column]) =>
    needles.map((needle) => {
      const text = `lower(cast(${dialect.identifier(column)} as varchar))`
      return `position(${dialect.text(needle.toLowerCase())} in ${text}) > 0`
    }),
  )
  const [found] = await session.query<{ rows: number }>(
    `select count(*) as rows from ${table} where ${conditions.join(' or ')}`,
  )
  return found?.rows ?? 0
}

function whyOf(table: BaseTable, { sourceTables }: Project, state: string): string {
  const { schema, name } = table
  if (sourceTables.some((own) => own.schema === schema && own.name === name))
    return 'a source table, yours to delete from'
  if (isEventTable(table) || ['users', 'discards'].includes(name)) return 'stands in events of others'
  if (schema !== state) return 'a table of yours, or built by the next run'
  if (SYNCS.includes(name)) return 'syncs are not part of this version'
  return 'stands in the records of what Muster did'
}
