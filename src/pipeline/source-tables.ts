/**
 * Source tables from data files: loaded beside what is there and swapped in whole, or not at all.
 */
import { stat } from 'node:fs/promises'
import type { Effects } from '../core/effects.ts'
import { MusterError, messageOf } from '../core/errors.ts'
import { type Identity, numberIdentifiers, ownersOf } from '../identity/index.ts'
import type { SourceTable } from '../project/index.ts'
import type { State } from '../state/state.ts'
import { quoted } from '../warehouse/names.ts'
import type { Session, Warehouse } from '../warehouse/warehouse.ts'

export interface SourceTablesInput {
  readonly warehouse: Warehouse
  readonly state: State
  readonly identity: Identity
  readonly effects: Effects
  /** `schema.table` of those that may shrink this time. */
  readonly allowShrink: ReadonlySet<string>
}

/** loaded: the file changed and is in · unchanged · stopped: by a guard; the rows before stay · failed: the file cannot be read; the rows before stay. */
export type SourceTableResult =
  | { readonly state: 'loaded'; readonly rows: number }
  | { readonly state: 'unchanged' }
  | { readonly state: 'stopped' | 'failed'; readonly error: MusterError }

/** Brings a table up to date with its file. */
export async function loadSourceTable(input: SourceTablesInput, table: SourceTable): Promise<SourceTableResult> {
  if (!table.data) return { state: 'unchanged' }
  try {
    const fingerprint = await fingerprintOf(table.data.path, table)
    const known = await readFingerprint(input.state, table)
    if (known === fingerprint) return { state: 'unchanged' }
    return { state: 'loaded', rows: await replace(input, table, fingerprint) }
  } catch (error) {
    if (!(error instanceof MusterError)) throw error
    return { state: error.code === 'source_table_shrunk' ? 'stopped' : 'failed', error }
  }
}

/** Engines cut long names off. */
const besideName = ({ name }: SourceTable): string => `${name.slice(0, 50)}__loading`

const idOf = ({ schema, name }: SourceTable): string => `${schema}.${name}`

/** Changes with the file, and with what the project says of it. */
async function fingerprintOf(path: string, { identifiers, text }: SourceTable): Promise<string> {
  try {
    const { size, mtimeNs, ino } = await stat(path, { bigint: true })
    return `${size}:${mtimeNs}:${ino}:${JSON.stringify([identifiers, text])}`
  } catch (error) {
    throw new MusterError('source_table_unreadable', `The data file ${path} cannot be read: ${messageOf(error)}.`, {
      cause: error,
    })
  }
}

async function readFingerprint(state: State, table: SourceTable): Promise<string | undefined> {
  const [row] = await state.warehouse.session((session) =>
    session.query<{ fingerprint: string }>(
      state
        .table('source_files')
        .select('fingerprint')
        .where({ source_table: idOf(table) }),
    ),
  )
  return row?.fingerprint
}

async function replace(input: SourceTablesInput, table: SourceTable, fingerprint: string): Promise<number> {
  const { warehouse } = input
  const { dialect } = warehouse
  const beside = quoted(dialect, table.schema, besideName(table))
  return warehouse.session(async (session) => {
    await session.run(`create schema if not exists ${dialect.identifier(table.schema)}`)
    try {
      await readBeside(session, table, beside)
      await guard(session, input, table, beside)
      return await swap(input, table, beside, fingerprint)
    } finally {
      await session.run(`drop table if exists ${beside}`)
    }
  })
}

async function readBeside(session: Session, table: SourceTable, beside: string): Promise<void> {
  const { data } = table
  if (!data) return
  const asText = [...new Set([...Object.values(table.identifiers), ...table.text])]
  try {
    const { relation, columns } = await session.readFile(data.path, data.format, asText)
    requireColumns(table, asText, columns)
    await session.run(`drop table if exists ${beside}`)
    await session.run(`create table ${beside} as select * from ${relation}`)
  } catch (error) {
    if (!(error instanceof MusterError) || !/^warehouse_(refused|failed)$/.test(error.code)) throw error
    throw new MusterError(
      'source_table_unreadable',
      `The data file of ${idOf(table)} cannot be read: ${firstLines(error.message)}`,
      { cause: error },
    )
  }
}

function requireColumns(table: SourceTable, wanted: readonly string[], columns: readonly string[]): void {
  const missing = wanted.filter((column) => !columns.includes(column))
  if (missing.length === 0) return
  throw new MusterError(
    'source_table_unreadable',
    `${table.file}:${table.line}:${table.column}: ${idOf(table)} names the column ${missing.map((column) => `"${column}"`).join(', ')}, which its file does not have.`,
    { hint: `The file has: ${columns.join(', ')}.` },
  )
}

/** An empty or much smaller file is more often a broken export than the truth. */
async function guard(
  session: Session,
  { warehouse, allowShrink }: SourceTablesInput,
  table: SourceTable,
  beside: string,
) {
  if (allowShrink.has(idOf(table))) return
  const known = (await warehouse.columns(table.schema)).has(idOf(table))
  const count = async (name: string) =>
    (await session.query<{ rows: number }>(`select count(*) as rows from ${name}`))[0]?.rows ?? 0
  const before = known ? await count(quoted(warehouse.dialect, table.schema, table.name)) : 0
  const after = await count(beside)
  if (before === 0 || after >= before * table.minRowsShare) return
  throw new MusterError(
    'source_table_shrunk',
    `The data file of ${idOf(table)} has ${after} rows, the table ${before}: the file was not loaded.`,
    { hint: `Mend the export, or run once with --allow-shrink ${idOf(table)}.` },
  )
}

/** Numbers the identifiers of the new rows and puts them in place, in one transaction. */
async function swap(
  { warehouse, state, identity, effects }: SourceTablesInput,
  table: SourceTable,
  beside: string,
  fingerprint: string,
): Promise<number> {
  const name = quoted(warehouse.dialect, table.schema, table.name)
  return warehouse.transaction('load', async (session) => {
    const owners = ownersOf(identity, table, beside)
    if (owners) {
      await identity.prepare(session, beside, owners.columns)
      await numberIdentifiers(session, identity.dialect, identity.names, owners.pairs)
    }
    const sql = owners?.numbered ?? `select * from ${beside}`
    await session.replace({ kind: 'table', schema: table.schema, name: table.name, sql })
    const [counted] = await session.query<{ rows: number }>(`select count(*) as rows from ${name}`)
    const rows = counted?.rows ?? 0
    await session.run(
      state
        .table('source_files')
        .where({ source_table: idOf(table) })
        .delete(),
    )
    await session.run(
      state.table('source_files').insert({
        source_table: idOf(table),
        file: table.data?.path ?? '',
        fingerprint,
        rows,
        loaded_at: effects.now(),
      }),
    )
    return rows
  })
}

/** DuckDB explains at length what else it tried; what is wrong stands first. */
function firstLines(message: string): string {
  return message.split('\n').slice(0, 2).join(' ')
}
