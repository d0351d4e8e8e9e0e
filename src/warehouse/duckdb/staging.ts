import { type FileHandle, open } from 'node:fs/promises'
import type { Cell, ColumnType } from '../warehouse.ts'
import { duckdbDialect } from './dialect.ts'

const WRITE_CHARACTERS = 1024 * 1024
/** DuckDB reads with buffers of twice this for each thread; it must hold the longest line. */
const SMALLEST_OBJECT = 1024 * 1024

type Types = Readonly<Record<string, ColumnType>>

/** Writes rows as NDJSON; gives the SQL after FROM that reads them. */
export function stageRows(file: string, columns: Types, rows: Iterable<object>): Promise<string> {
  return stage(file, columns, objectLines(rows))
}

/** Writes rows given as cells; their columns are called c0, c1 and so on, for long names would be half of the text. */
export function stageCells(
  file: string,
  types: readonly ColumnType[],
  rows: Iterable<readonly Cell[]>,
): Promise<string> {
  const columns = Object.fromEntries(types.map((type, place) => [`c${place}`, type]))
  return stage(file, columns, cellLines(Object.keys(columns), rows))
}

async function stage(file: string, columns: Types, lines: Iterable<string>): Promise<string> {
  await using handle = await open(file, 'w')
  const longest = await writeLines(handle, lines)
  const types = Object.entries(columns).map(([name, type]) => {
    // JSON arrives as text and is cast where it is read, so that a JSON string stays the text it holds.
    const engineType = duckdbDialect.columnType(type === 'json' ? 'string' : type)
    return `${duckdbDialect.text(name)}: '${engineType}'`
  })
  const largest = Math.max(SMALLEST_OBJECT, longest * 3) // UTF-8 takes at most three bytes a UTF-16 unit
  return `read_json(${duckdbDialect.text(file)}, format = 'newline_delimited', columns = {${types.join(', ')}}, maximum_object_size = ${largest})`
}

/** Gives the characters of the longest line. */
async function writeLines(handle: FileHandle, lines: Iterable<string>): Promise<number> {
  let longest = 0
  let text = ''
  for (const line of lines) {
    if (line.length > longest) longest = line.length
    text += line
    if (text.length < WRITE_CHARACTERS) continue
    await handle.writeFile(text)
    text = ''
  }
  // An empty file is still a file: read_json must find one.
  await handle.writeFile(text)
  return longest
}

function* objectLines(rows: Iterable<object>): Generator<string> {
  for (const row of rows) yield `${JSON.stringify(row)}\n`
}

/** One object, filled anew for each row: JSON.stringify writes what JSON.parse has made three times as fast as text is put together. */
function* cellLines(columns: readonly string[], rows: Iterable<readonly Cell[]>): Generator<string> {
  const empty = JSON.stringify(Object.fromEntries(columns.map((column) => [column, null])))
  const row = JSON.parse(empty) as Record<string, Cell>
  for (const cells of rows) {
    for (let place = 0; place < columns.length; place++) row[columns[place] ?? ''] = cells[place]
    yield `${JSON.stringify(row)}\n`
  }
}
