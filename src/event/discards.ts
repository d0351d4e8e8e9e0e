import { jsonText, storable } from './value.ts'

/** A value of an event that is in no row, and why. */
export interface Discard {
  readonly table: string
  /** The column it would have had; the path in the event where that has no name. */
  readonly column: string
  /** Strings as they are, all else as JSON. */
  readonly value: string
  readonly reason: string
}

/** A discard with its value as storable text. */
export function discardOf(table: string, column: string, value: unknown, reason: string): Discard {
  return { table, column: storable(column), value: discardText(value), reason }
}

function discardText(value: unknown): string {
  if (typeof value === 'string') return storable(value)
  return typeof value === 'number' ? String(value) : jsonText(value)
}
