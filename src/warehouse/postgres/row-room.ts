import type { RowRoom } from '../dialect.ts'
import type { Cell, ColumnType } from '../warehouse.ts'

/** 8,160 bytes are a page's, less 24 of the row's head and 200 that say which of 1,600 columns are null. */
const ROW_BYTES = 7900

/** A value of more bytes than this is stored elsewhere, and its row keeps a pointer. */
const MAX_INLINE = 24
const POINTER = 18
const NUMBER = 8

/** How much of a row of Postgres is left. */
export class PostgresRowRoom implements RowRoom {
  #texts = 0
  #textBytes = 0
  #numbers = 0

  takes(type: ColumnType, value: Cell): boolean {
    const number = NUMBERS.has(type)
    const numbers = this.#numbers + (number ? 1 : 0)
    const texts = this.#texts + (number ? 0 : 1)
    const textBytes = this.#textBytes + (number ? 0 : bytesOf(type, value))
    // A number after a text begins at the next multiple of eight.
    const gaps = Math.min(numbers, texts) * (NUMBER - 1)
    if (textBytes + numbers * NUMBER + gaps > ROW_BYTES) return false
    this.#numbers = numbers
    this.#texts = texts
    this.#textBytes = textBytes
    return true
  }
}

const NUMBERS: ReadonlySet<ColumnType> = new Set(['int', 'float', 'datetime', 'date'])

/** With its length, which is one byte of a short value. */
function bytesOf(type: ColumnType, value: Cell): number {
  if (type === 'boolean') return 1
  if (type !== 'string') return MAX_INLINE
  const text = String(value)
  if (text.length >= MAX_INLINE) return POINTER
  const bytes = Buffer.byteLength(text) + 1
  return bytes > MAX_INLINE ? POINTER : bytes
}
