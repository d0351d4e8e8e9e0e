/**
 * SQL after FROM that reads a data file. The engine guesses types from values; what is wanted as text is never guessed,
 * or 00042 would become the number 42 and an upper-case UUID a lower-case one.
 */
import type { FileFormat, Session } from '../warehouse.ts'
import { duckdbDialect } from './dialect.ts'

const { identifier, text: literal } = duckdbDialect

/** Types by column. */
type Types = ReadonlyMap<string, string>

type Reader = (path: string, text: readonly string[]) => string

/** SQL that reads a file of the format with the types that the engine guesses, but for columns in `text`. */
export function readerOf(format: FileFormat): Reader {
  switch (format) {
    case 'csv':
      return readCsv
    case 'parquet':
      return readParquet
    case 'ndjson':
      return readNdjson
  }
}

function readCsv(path: string, text: readonly string[]): string {
  const types = text.length === 0 ? '' : `, types = ${typeMap(new Map(text.map((column) => [column, 'VARCHAR'])))}`
  return `read_csv(${literal(path)}, header = true, sample_size = -1${types})`
}

function readParquet(path: string, text: readonly string[]): string {
  const file = `read_parquet(${literal(path)})`
  if (text.length === 0) return file
  const casts = text.map((column) => `cast(${identifier(column)} as varchar) as ${identifier(column)}`)
  return `(select * replace (${casts.join(', ')}) from ${file})`
}

/** Only where `types` says those of all columns can some of them be text. */
export function readNdjson(path: string, text: readonly string[], types?: Types): string {
  const options = `format = 'newline_delimited'`
  if (types === undefined || text.length === 0) return `read_json(${literal(path)}, ${options}, sample_size = -1)`
  const wanted = new Map([...types].map(([column, type]) => [column, text.includes(column) ? 'VARCHAR' : type]))
  return `read_json(${literal(path)}, ${options}, columns = ${typeMap(wanted)})`
}

/** The types the engine guesses. */
export async function sniffed(session: Session, relation: string): Promise<Types> {
  const columns = await session.query<{ column_name: string; column_type: string }>(
    `describe select * from ${relation}`,
  )
  return new Map(columns.map(({ column_name, column_type }) => [column_name, column_type]))
}

function typeMap(types: Types): string {
  return `{${[...types].map(([column, type]) => `${literal(column)}: ${literal(type)}`).join(', ')}}`
}
