/**
 * COPY: rows into a table, as fast as Postgres takes them over a connection.
 */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { ColumnType } from '../warehouse.ts'
import { postgresDialect } from './dialect.ts'

const CHUNK_CHARACTERS = 256 * 1024
const SPECIAL = /[\\\n\r\t]/
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Rows are cells in the order of the columns. Gives their number. `table` is quoted. */
export async function copyRows(
  client: pg.ClientBase,
  table: string,
  columns: Readonly<Record<string, ColumnType>>,
  rows: Iterable<readonly unknown[]>,
): Promise<number> {
  const names = Object.keys(columns)
  const list = names.map(postgresDialect.identifier).join(', ')
  const copy = client.query(copyFrom(`copy ${table} (${list}) from stdin`))
  await pipeline(Readable.from(chunksOf(rows)), copy)
  return copy.rowCount
}

/** Rows given as objects, as cells; the array is the same each time. */
export function* cellsOf(columns: readonly string[], rows: Iterable<object>): Generator<readonly unknown[]> {
  const cells: unknown[] = []
  for (const row of rows) {
    const values = row as Readonly<Record<string, unknown>> // columns a row does not have are null
    for (let place = 0; place < columns.length; place++) cells[place] = values[columns[place] ?? '']
    yield cells
  }
}

function* chunksOf(rows: Iterable<readonly unknown[]>): Generator<Buffer> {
  let text = ''
  for (const row of rows) {
    text += lineOf(row)
    if (text.length < CHUNK_CHARACTERS) continue
    yield Buffer.from(text)
    text = ''
  }
  if (text !== '') yield Buffer.from(text)
}

function lineOf(cells: readonly unknown[]): string {
  let line = ''
  for (let index = 0; index < cells.length; index++) {
    if (index > 0) line += '\t'
    const value = cells[index]
    if (value === null || value === undefined) line += '\\N'
    else if (typeof value === 'string') line += SPECIAL.test(value) ? escaped(value) : value
    else line += value instanceof Date ? value.toISOString() : String(value)
  }
  return `${line}\n`
}

function escaped(value: string): string {
  return value.replace(/[\\\n\r\t]/g, (character) => ESCAPES[character] ?? character)
}
