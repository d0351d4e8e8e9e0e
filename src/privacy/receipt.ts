import type { ErasedArchive } from '../pipeline/index.ts'

export interface TableCount {
  /** `schema.table` */
  readonly table: string
  readonly rows: number
}

/** Where a text of the person still stands, and why it was left. */
export interface Mention extends TableCount {
  readonly why: string
}

/** What a deletion did. It names nobody. */
export interface Receipt {
  /** How many identifiers of each type the person had. */
  readonly identifiers: Readonly<Record<string, number>>
  /** Rows deleted. */
  readonly rows: readonly TableCount[]
  /** Records erased in the archive, which all of the log passed into; absent until then. */
  readonly archive?: ErasedArchive
  /** Archived records of others in which an address of the person stands. */
  readonly archiveMentions?: number
  /** Rows that were left. */
  readonly mentions?: readonly Mention[]
  /** Files of Muster's own in which an address still stands: because of the rows that were left. */
  readonly files?: readonly string[]
  readonly notes: readonly string[]
}

export const NOTES: readonly string[] = [
  'Ledger, intents and rejections of syncs, and what destinations hold, are not part of this version: remove the person there.',
  'Data files, source tables and other tables of yours were not touched.',
  'identity.identifiers and identity.ids keep numbers without values, so that nobody else is given them.',
]

export function withRows(receipt: Receipt, counts: readonly TableCount[]): Receipt {
  const rows = new Map(receipt.rows.map(({ table, rows }) => [table, rows]))
  for (const { table, rows: more } of counts) if (more > 0) rows.set(table, (rows.get(table) ?? 0) + more)
  return { ...receipt, rows: [...rows].map(([table, count]) => ({ table, rows: count })) }
}
