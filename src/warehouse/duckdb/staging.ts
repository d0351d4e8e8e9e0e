import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ColumnType } from '../warehouse.ts'
import { duckdbDialect } from './dialect.ts'

const WRITE_CHARACTERS = 1024 * 1024
/** DuckDB reads with buffers of twice this for each thread; it must hold the longest line. */
const SMALLEST_OBJECT = 1024 * 1024

/** Writes rows as NDJSON; gives the SQL after FROM that reads them. */
export async function stageRows(
  file: string,
  columns: Readonly<Record<string, ColumnType>>,
  rows: Iterable<object>,
): Promise<string> {
  const longest = { characters: 0 }
  await pipeline(Readable.from(linesOf(rows, longest), { objectMode: true }), createWriteStream(file))
  const types = Object.entries(columns).map(([name, type]) => {
    // JSON arrives as text and is cast where it is read, so that a JSON string stays the text it holds.
    const engineType = duckdbDialect.columnType(type === 'json' ? 'string' : type)
    return `${duckdbDialect.text(name)}: '${engineType}'`
  })
  const largest = Math.max(SMALLEST_OBJECT, longest.characters * 3) // UTF-8 takes at most three bytes a UTF-16 unit
  return `read_json(${duckdbDialect.text(file)}, format = 'newline_delimited', columns = {${types.join(', ')}}, maximum_object_size = ${largest})`
}

function* linesOf(rows: Iterable<object>, longest: { characters: number }): Generator<string> {
  let text = ''
  for (const row of rows) {
    const line = `${JSON.stringify(row)}\n`
    longest.characters = Math.max(longest.characters, line.length)
    text += line
    if (text.length < WRITE_CHARACTERS) continue
    yield text
    text = ''
  }
  // An empty file is still a file: read_json must find one.
  yield text
}
