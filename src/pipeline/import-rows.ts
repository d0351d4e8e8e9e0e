/**
 * Rows of a file to import, streamed in their order: each a JSON value with the line it starts at, or why it is none.
 */
import { extname } from 'node:path'
import { parse } from 'csv-parse/sync'
import { MusterError, messageOf } from '../core/errors.ts'
import { type FileLine, fileLines, MAX_LINE, unpackedName } from './file-lines.ts'

export type ImportRow =
  | { readonly line: number; readonly bytes: number; readonly value: unknown }
  | { readonly line: number; readonly bytes: number; readonly reason: string; readonly text: string }

const FORMATS: Readonly<Record<string, (path: string) => AsyncIterable<ImportRow>>> = {
  '.csv': csvRows,
  '.ndjson': jsonRows,
  '.jsonl': jsonRows,
}

const TOO_LONG = `the line is longer than ${MAX_LINE} characters`

/** The rows of a CSV (first line: column names; all values text) or NDJSON file, packed by gzip or not. Throws `import_file_unreadable`. */
export async function* importRows(path: string): AsyncIterable<ImportRow> {
  try {
    yield* requireFormat(path)(path)
  } catch (error) {
    if (error instanceof MusterError) throw error
    throw new MusterError('import_file_unreadable', `${path} cannot be read: ${messageOf(error)}.`, { cause: error })
  }
}

/** How a file is read, by its name. Throws `import_file_unreadable`. */
export function requireFormat(path: string): (path: string) => AsyncIterable<ImportRow> {
  const rows = FORMATS[extname(unpackedName(path)).toLowerCase()]
  if (rows) return rows
  throw new MusterError('import_file_unreadable', `${path} is neither CSV nor NDJSON by its name.`, {
    hint: 'Name it .csv, .ndjson or .jsonl, and .gz after it where it is packed.',
  })
}

async function* jsonRows(path: string): AsyncIterable<ImportRow> {
  for await (const line of fileLines(path)) {
    const row = line.tooLong ? refused(line, TOO_LONG) : jsonRow(line)
    if (row) yield row
  }
}

function jsonRow({ line, bytes, text: raw }: FileLine): ImportRow | undefined {
  const text = raw.trim()
  if (text === '') return undefined
  try {
    return { line, bytes, value: JSON.parse(text) }
  } catch (error) {
    return { line, bytes, reason: `not JSON: ${messageOf(error)}`, text }
  }
}

function refused({ line, bytes, text }: FileLine, reason: string): ImportRow {
  return { line, bytes, reason, text }
}

async function* csvRows(path: string): AsyncIterable<ImportRow> {
  let names: readonly string[] | undefined
  for await (const rows of grouped(csvTexts(path))) {
    const good = rows.filter(({ reason }) => reason === undefined).map(({ text }) => text)
    const fields = parse(good.join('\n'), { record_delimiter: '\n', relax_column_count: true }) as string[][] // the shape without `columns`
    for (const row of rows) {
      const { line, reason } = row
      const values = reason === undefined ? (fields.shift() ?? []) : []
      if (names !== undefined) yield reason === undefined ? csvRow(row, names, values) : refused(row, reason)
      else if (reason === undefined) names = values
      else throw new Error(`line ${line}, which names the columns, cannot be read: ${reason}`)
    }
  }
}

function csvRow(row: CsvText, names: readonly string[], values: readonly string[]): ImportRow {
  if (values.length !== names.length) return refused(row, 'the row has more or fewer fields than the first line')
  const { line, bytes } = row
  return { line, bytes, value: Object.fromEntries(names.map((name, index) => [name, values[index]])) }
}

/** Rows in groups that the parser reads at once: one by one it is many times slower. */
async function* grouped(rows: AsyncIterable<CsvText>): AsyncIterable<readonly CsvText[]> {
  let group: CsvText[] = []
  let length = 0
  for await (const row of rows) {
    if (row.text === '') continue
    group.push(row)
    length += row.text.length
    if (group.length < 1000 && length < MAX_LINE) continue
    yield group
    group = []
    length = 0
  }
  yield group
}

interface CsvText extends FileLine {
  /** Why it is no row. */
  readonly reason?: string
}

/**
 * The texts of rows, which may be several lines where a quoted field goes on. A line whose quotes are wrong is one by
 * itself, and reading goes on with the line after it, so that it takes no other rows along.
 */
async function* csvTexts(path: string): AsyncIterable<CsvText> {
  const open = new OpenRow(path)
  for await (const next of fileLines(path)) {
    const queue = [next]
    for (let line = queue.shift(); line !== undefined; line = queue.shift()) {
      const end = line.tooLong ? 'bad' : endOf(withoutReturn(line.text), open.isOpen)
      open.add(line, end === 'open')
      if (end === 'open') continue
      const [first = line, ...others] = open.take()
      if (end === 'whole') {
        const text = [first, ...others].map((part) => part.text).join('\n')
        yield { ...first, bytes: line.bytes, text: withoutReturn(text) }
      } else {
        yield { ...first, text: withoutReturn(first.text), reason: first.tooLong ? TOO_LONG : 'its quotes are wrong' }
        queue.unshift(...others)
      }
    }
  }
  if (open.isOpen) throw open.neverClosed()
}

/** The lines of a row so far. */
class OpenRow {
  readonly #path: string
  #lines: FileLine[] = []
  #length = 0

  constructor(path: string) {
    this.#path = path
  }

  get isOpen(): boolean {
    return this.#lines.length > 0
  }

  /** Throws `import_file_unreadable` where a quoted field goes on for too long. */
  add(line: FileLine, goesOn: boolean): void {
    const began = this.isOpen
    this.#lines.push(line)
    this.#length += line.text.length + 1
    if ((began || goesOn) && (line.tooLong || this.#length > MAX_LINE)) throw this.neverClosed()
  }

  take(): readonly FileLine[] {
    const lines = this.#lines
    this.#lines = []
    this.#length = 0
    return lines
  }

  neverClosed(): MusterError {
    const [first] = this.#lines
    const where = `${this.#path}, line ${first?.line}: a quote is never closed: ${first?.text.slice(0, 100)}`
    const remedy = 'Close it, or write two where one is part of a value, and import the file again.'
    return new MusterError('import_file_unreadable', `${where}. ${remedy}`)
  }
}

function withoutReturn(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text
}

/** How a line ends: within a quoted field, with its row, or in quotes where there can be none. */
function endOf(text: string, quoted: boolean): 'open' | 'whole' | 'bad' {
  let inside = quoted
  for (let at = 0; ; at += 1) {
    if (inside || text[at] === '"') {
      at = closingQuote(text, inside ? at : at + 1) + 1
      if (at === 0) return 'open'
      if (at < text.length && text[at] !== ',') return 'bad'
      inside = false
    } else {
      const comma = text.indexOf(',', at)
      const end = comma < 0 ? text.length : comma
      if (text.slice(at, end).includes('"')) return 'bad'
      at = end
    }
    if (at >= text.length) return 'whole'
  }
}

/** Where a quoted field ends; -1 where it goes on. Two quotes are one of its value. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from)
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2)
  return at
}
