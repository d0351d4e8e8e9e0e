import type { OnDiscard } from './flatten.ts'
import { identifierText } from './identifier.ts'
import { isInstant } from './time.ts'
import { type ColumnValue, columnValue, storable } from './value.ts'

/** The values of one row while it is being made. */
export type Values = Record<string, ColumnValue>

/** Puts text, numbers and booleans as a string. */
export function putText(values: Values, column: string, value: unknown, discard: OnDiscard): void {
  if (typeof value === 'string') {
    if (value !== '') values[column] = { type: 'string', value: storable(value) }
  } else if (typeof value === 'number' || typeof value === 'boolean') {
    values[column] = { type: 'string', value: String(value) }
  } else discardIfAny(column, value, 'not a text', discard)
}

/** Puts an identifier as a string, trimmed and without invisible characters. */
export function putIdentifier(values: Values, column: string, value: unknown, discard: OnDiscard): void {
  const text = identifierText(value)
  if (text !== undefined) values[column] = { type: 'string', value: text }
  else if (typeof value !== 'string') discardIfAny(column, value, 'an identifier is a string or a number', discard)
}

/** Puts an instant; what the client sent in its place and is no date goes to the discards. */
export function putInstant(values: Values, column: string, iso: string, sent: unknown, discard: OnDiscard): void {
  values[column] = { type: 'datetime', value: iso }
  if (sent !== iso && !isInstant(sent)) discardIfAny(column, sent, 'not an ISO date of the years 1 to 9999', discard)
}

/** Discards what was sent, unless it is blank. */
export function discardIfAny(column: string, value: unknown, reason: string, discard: OnDiscard): void {
  if (typeof value === 'object' ? isFilled(value) : columnValue(value) !== undefined) discard(column, value, reason)
}

function isFilled(value: object | null): boolean {
  return value !== null && Object.keys(value).length > 0
}
