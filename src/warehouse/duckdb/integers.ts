import { type DuckDBAppender, DuckDBDataChunk, DuckDBIntegerVector, INTEGER } from '@duckdb/node-api'
import { MusterError } from '../../core/errors.ts'

/** Rows of a chunk: the engine's vectors hold no more. */
const CHUNK = 2048

/** The columns of a chunk. Throws where one holds something but 32-bit whole numbers: a fault of the statement. */
export function integersOf(chunk: DuckDBDataChunk): readonly Int32Array[] {
  return Array.from({ length: chunk.columnCount }, (_, column) => {
    const vector = chunk.getColumnVector(column)
    if (!(vector instanceof DuckDBIntegerVector)) {
      throw new MusterError('internal', `Column ${column + 1} is ${vector.type}, not integer.`)
    }
    const values = new Int32Array(chunk.rowCount)
    for (let row = 0; row < values.length; row++) values[row] = vector.getItem(row) ?? refuseNull(column)
    return values
  })
}

/** Puts columns of one length into a table, a chunk at a time. */
export function appendIntegers(appender: DuckDBAppender, columns: readonly Int32Array[]): void {
  const rows = columns[0]?.length ?? 0
  const chunk = DuckDBDataChunk.create(columns.map(() => INTEGER))
  for (let first = 0; first < rows; first += CHUNK) {
    const count = Math.min(CHUNK, rows - first)
    chunk.reset()
    chunk.rowCount = count
    for (const [place, values] of columns.entries()) {
      const vector = chunk.getColumnVector(place)
      if (!(vector instanceof DuckDBIntegerVector)) throw new MusterError('internal', 'An integer column is none.')
      for (let row = 0; row < count; row++) vector.setItem(row, values[first + row] ?? 0)
      vector.flush()
    }
    appender.appendDataChunk(chunk)
  }
}

function refuseNull(column: number): never {
  throw new MusterError('internal', `Column ${column + 1} of integers holds a null.`)
}
