import type { OnDiscard } from './flatten.ts'
import { identifierText } from './identifier.ts'
import type { RowValues } from './row-values.ts'
import { isInstant } from './time.ts'
import { columnValue, storable } from './value.ts'

/** Puts text, numbers and booleans as a string. */
export function putText(values: RowValues, column: string, value: unknown, discard: OnDiscard): void {
  if (typeof value === 'string') {
    if (value !== '') values.set(column, { type: 'string', value: storable(value) })
  } else if (typeof value === 'number' || typeof value === 'boolean') {
    values.set(column, { type: 'string', value: String(value) })
  } else discardIfAny(column, value, 'not a text', discard)
}

/** Puts an identifier as a string, trimmed and without invisible characters. */
export function putIdentifier(values: RowValues, column: string, value: unknown, discard: OnDiscard): void {
  const text = identifierText(value)
  if (text !== undefined) values.set(column, { type: 'string', value: text })
  else if (typeof value !== 'string') discardIfAny(column, value, 'an identifier is a string or a number', discard)
}

/** Puts an instant; what the client sent in its place and is no date goes to the discards. */
export function putInstant(values: RowValues, column: string, iso: string, sent: unknown, discard: OnDiscard): void {
  values.set(column, { type: 'datetime', value: iso })
  if (sent !== iso && !isInstant(sent)) discardIfAny(column, sent, 'not an ISO date of the years 1 to 9999', discard)
}

/** Discards what was sent, unless it is blank. */
export function discardIfAny(column: string, value: unknown, reason: string, discard: OnDiscard): void {
  if (typeof value === 'object' ? isFilled(value) : columnValue(value) !== undefined) discard(column, value, reason)
}

function isFilled(value: object | null): boolean {
  return value !== null && Object.keys(value).length > 0
}
