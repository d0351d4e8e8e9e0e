/**
 * Rows of a file to import, streamed: each a JSON value with the line it starts at, or why it is none.
 */
import { createReadStream } from 'node:fs'
import { extname } from 'node:path'
import { type CsvError, type Info, parse } from 'csv-parse'
import { MusterError, messageOf } from '../core/errors.ts'

export type ImportRow =
  | { readonly line: number; readonly bytes: number; readonly value: unknown }
  | { readonly line: number; readonly bytes: number; readonly reason: string; readonly text: string }

const FORMATS: Readonly<Record<string, (path: string) => AsyncIterable<ImportRow>>> = {
  '.csv': csvRows,
  '.ndjson': jsonRows,
  '.jsonl': jsonRows,
}

/** The rows of a CSV (first line: column names; all values text) or NDJSON file. Throws `import_file_unreadable`. */
export function importRows(path: string): AsyncIterable<ImportRow> {
  const rows = FORMATS[extname(path).toLowerCase()]
  if (rows) return rows(path)
  throw new MusterError('import_file_unreadable', `${path} is neither CSV nor NDJSON by its name.`, {
    hint: 'Name it .csv, .ndjson or .jsonl.',
  })
}

interface CsvRecord {
  readonly record: unknown
  readonly info: Info
}

async function* csvRows(path: string): AsyncIterable<ImportRow> {
  const skipped: ImportRow[] = []
  const parser = parse({
    columns: true,
    info: true,
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip: (error: CsvError | undefined, raw: string | undefined) => {
      const { lines, bytes } = parser.info
      skipped.push({ line: lines, bytes, reason: messageOf(error), text: raw ?? '' })
      return undefined
    },
  })
  const file = createReadStream(path)
  file.on('error', (error) => parser.destroy(error))
  try {
    let line = 2
    let uneven = 0
    for await (const { record, info } of file.pipe(parser) as AsyncIterable<CsvRecord>) {
      // the shape of `info: true`
      yield* skipped.splice(0)
      const { lines, bytes, invalid_field_length } = info
      if (invalid_field_length > uneven) {
        yield {
          line,
          bytes,
          reason: 'the row has more or fewer fields than the first line',
          text: JSON.stringify(record),
        }
      } else yield { line, bytes, value: record }
      uneven = invalid_field_length
      line = lines + 1
    }
    yield* skipped.splice(0)
  } catch (error) {
    throw unreadable(path, error)
  } finally {
    file.destroy()
  }
}

async function* jsonRows(path: string): AsyncIterable<ImportRow> {
  const file = createReadStream(path, { encoding: 'utf8', highWaterMark: 1024 * 1024 })
  let rest = ''
  let line = 0
  try {
    for await (const chunk of file as AsyncIterable<string>) {
      // an encoding is set
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const text of lines) {
        line += 1
        const row = jsonRow(text, line, file.bytesRead)
        if (row) yield row
      }
    }
    const last = jsonRow(rest, line + 1, file.bytesRead)
    if (last) yield last
  } catch (error) {
    throw unreadable(path, error)
  }
}

function jsonRow(raw: string, line: number, bytes: number): ImportRow | undefined {
  const text = (line === 1 ? raw.replace(/^\ufeff/, '') : raw).trim()
  if (text === '') return undefined
  try {
    return { line, bytes, value: JSON.parse(text) }
  } catch (error) {
    return { line, bytes, reason: `not JSON: ${messageOf(error)}`, text }
  }
}

function unreadable(path: string, error: unknown): MusterError {
  return new MusterError('import_file_unreadable', `${path} cannot be read: ${messageOf(error)}.`, { cause: error })
}
