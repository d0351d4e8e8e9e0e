import { normalText, parseInstant } from './time.ts'

/**
 * Types of columns. Values of events are of the first six; `date` and `other` are found in tables that somebody altered.
 *
 * int       a whole number that a double holds exactly (up to 2^53 − 1); larger ones are float
 * datetime  an ISO instant in UTC, year 1 to 9999
 * json      JSON text
 */
export type ColumnType = 'string' | 'int' | 'float' | 'boolean' | 'datetime' | 'json' | 'date' | 'other'

/** One value, ready to be written as JSON. */
export interface ColumnValue {
  readonly type: ColumnType
  readonly value: string | number | boolean
  /** The string as sent, where `value` is its normal form. */
  readonly text?: string
  /** The string is the JSON of a list, not a string that was sent. */
  readonly isJson?: true
}

/** Escapes of NUL and of lone surrogates in JSON text; an escaped backslash is matched so that it is not taken for one. */
const UNSAFE_ESCAPE = /\\\\|\\u0000|\\ud[89a-f][0-9a-f]{2}/g

/**
 * A JSON scalar or array as a column value: strings that are ISO dates become datetime, arrays JSON text. Undefined
 * for what makes no column: null, '', [], [''].
 */
export function columnValue(value: unknown): ColumnValue | undefined {
  switch (typeof value) {
    case 'string':
      return value === '' ? undefined : textValue(value)
    case 'number':
      return { type: Number.isSafeInteger(value) ? 'int' : 'float', value: value === 0 ? 0 : value }
    case 'boolean':
      return { type: 'boolean', value }
    default:
      return isBlank(value) ? undefined : { type: 'string', value: jsonText(value), isJson: true }
  }
}

/** Whether two values are the same in a column. */
export function sameValue(one: ColumnValue, other: ColumnValue): boolean {
  return one.type === other.type && one.value === other.value
}

/** The string with U+FFFD for what warehouses refuse: NUL and lone surrogates. */
export function storable(text: string): string {
  const formed = text.toWellFormed()
  return formed.includes('\0') ? formed.replaceAll('\0', '\ufffd') : formed
}

/** JSON text of a value, with U+FFFD for what warehouses refuse. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null'
  if (!text.includes('\\u')) return text
  return text.replace(UNSAFE_ESCAPE, (found) => (found === '\\\\' ? found : '\ufffd'))
}

function textValue(text: string): ColumnValue {
  const instant = startsWithDigit(text) ? parseInstant(text) : undefined
  if (instant === undefined) return { type: 'string', value: storable(text) }
  const value = normalText(text, instant)
  return value === text ? { type: 'datetime', value } : { type: 'datetime', value, text }
}

function startsWithDigit(text: string): boolean {
  const first = text.charCodeAt(0)
  return first >= 48 && first <= 57
}

function isBlank(value: unknown): boolean {
  return !Array.isArray(value) ? value == null : value.length === 0 || (value.length === 1 && value[0] === '')
}
