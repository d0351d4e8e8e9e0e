import { isJsonObject, type JsonObject } from './event.ts'
import { columnName } from './naming.ts'
import { type ColumnValue, columnValue, sameValue } from './value.ts'

/** Takes a value that fits nowhere: its column, or its path in the event where it has none. */
export type OnDiscard = (column: string, value: unknown, reason: string) => void

/** Columns by name, in the order in which they are to be made. */
export type Columns = Map<string, ColumnValue>

interface Target {
  readonly columns: Columns
  readonly limit: number
  readonly discard: OnDiscard
}

/**
 * Flattens nested objects into columns: paths joined by `_`, keys in sorted order, the last of two paths with the same
 * column wins. null, '', [], [''] and {} make no column. What is no object itself goes to the discards as `name`.
 */
export function flatten(member: unknown, name: string, prefix: string, target: Target): void {
  if (isJsonObject(member)) flattenObject(member, prefix, target)
  else if (columnValue(member) !== undefined) target.discard(name, member, `${name} is not an object`)
}

function flattenObject(object: JsonObject, prefix: string, target: Target): void {
  for (const key of Object.keys(object).sort()) {
    const path = prefix + key
    const value = object[key]
    if (isJsonObject(value)) flattenObject(value, `${path}_`, target)
    else put(path, value, target)
  }
}

function put(path: string, value: unknown, { columns, limit, discard }: Target): void {
  const typed = columnValue(value)
  if (typed === undefined) return
  const column = columnName(path)
  if (column === undefined) return discard(path, value, 'the name holds no ASCII letter or digit')
  if (typed.type === 'float' && !Number.isFinite(value)) return discard(column, value, 'the number is too large')
  if (columns.size >= limit && !columns.has(column))
    return discard(column, value, `the event has over ${limit} columns`)
  replaceColumn(columns, column, typed, discard)
}

/** Sets a column; another value that stood there goes to the discards. */
export function replaceColumn(columns: Columns, column: string, value: ColumnValue, discard: OnDiscard): void {
  const earlier = columns.get(column)
  if (earlier !== undefined && !sameValue(earlier, value)) {
    discard(column, earlier.text ?? earlier.value, 'a later value has the same column name')
  }
  columns.set(column, value)
}
