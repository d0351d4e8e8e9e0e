/**
 * Rewriting a database file: deleted rows stay in the file until their block is used again, and only a new file has none.
 */
import { basename, dirname } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { MusterError, messageOf } from '../../core/errors.ts'
import { type Files, systemFiles } from '../../core/files.ts'
import { duckdbDialect } from './dialect.ts'
import { type InstanceSettings, openInstance } from './instance.ts'

const { identifier, text } = duckdbDialect

/** Where the new file grows; a crash may leave it behind. */
export const rewriteDraft = (path: string): string => `${path}.rewrite`

/** Removes what a crash left of a rewrite. */
export async function removeDraft(path: string, files: Files = systemFiles): Promise<void> {
  for (const file of filesOf(rewriteDraft(path))) await files.remove(file)
}

/**
 * Copies what a database holds into a new file and puts it in the old one's place, in one step: after a crash it is one
 * or the other, whole. Nobody may have the database open. Throws `warehouse_failed`; the old file stays then.
 */
export async function rewriteFile(
  settings: InstanceSettings,
  spill: string,
  files: Files = systemFiles,
): Promise<void> {
  const { path } = settings
  const draft = rewriteDraft(path)
  try {
    await removeDraft(path, files)
    await copyDatabase(settings, draft, spill)
    // A write-ahead log belongs to the file it was begun for.
    for (const file of [path, draft]) await requireNoLog(files, file)
    await sync(files, draft)
    await files.rename(draft, path)
    await files.syncFolder(dirname(path))
  } catch (error) {
    await removeDraft(path, files).catch(() => undefined) // opening the database tries again
    if (error instanceof MusterError) throw error
    throw new MusterError('warehouse_failed', `The DuckDB file cannot be rewritten: ${messageOf(error)}`, {
      hint: 'It needs as much free disk as the file has bytes. Nothing was lost: the file stays as it was.',
      cause: error,
    })
  }
}

const filesOf = (path: string): readonly string[] => [path, `${path}.wal`]

async function copyDatabase(settings: InstanceSettings, draft: string, spill: string): Promise<void> {
  const instance = await openInstance({ ...settings, path: ':memory:' })
  const connection = await instance.connect()
  try {
    await connection.run(`set temp_directory = ${text(spill)}`)
    await connection.run(`set preserve_insertion_order = false`)
    await connection.run(`attach ${text(settings.path)} as old`)
    await connection.run(`attach ${text(draft)} as new`)
    await copyAll(connection)
    await connection.run('detach new')
    await connection.run('detach old')
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

async function copyAll(connection: DuckDBConnection): Promise<void> {
  const references = await connection.run(
    `select 1 from duckdb_constraints() where database_name = 'old' and constraint_type = 'FOREIGN KEY' limit 1`,
  )
  if ((await references.getRows()).length === 0) await connection.run('copy from database old to new')
  else await copyInOrder(connection)
}

/** COPY FROM DATABASE takes tables as they come and fails where one refers to a later one. */
async function copyInOrder(connection: DuckDBConnection): Promise<void> {
  await connection.run('copy from database old to new (schema)')
  const found = await connection.run(
    `select schema_name, table_name from duckdb_tables() where database_name = 'old' order by 1, 2`,
  )
  let waiting = (await found.getRows()).map(
    ([schema, table]) => `${identifier(String(schema))}.${identifier(String(table))}`,
  )
  while (waiting.length > 0) {
    const refused: string[] = []
    let reason: unknown
    for (const table of waiting) {
      await connection.run(`insert into new.${table} select * from old.${table}`).catch((error: unknown) => {
        refused.push(table)
        reason = error
      })
    }
    if (refused.length === waiting.length) throw reason
    waiting = refused
  }
}

async function requireNoLog(files: Files, path: string): Promise<void> {
  const names = await files.list(dirname(path))
  if (!names.includes(`${basename(path)}.wal`)) return
  throw new MusterError('warehouse_failed', `${path}.wal could not be merged into ${path}.`)
}

async function sync(files: Files, path: string): Promise<void> {
  await using file = await files.open(path, 'read')
  await file.sync()
}
