import type { Claim } from './claim.ts'

/** A business table as an extract tool would have left it: rows of named columns. */
export interface Table {
  readonly schema: 'billing' | 'crm'
  readonly name: string
  readonly rows: readonly Row[]
  /** Whose the identifiers in it are. */
  readonly claims?: readonly Claim[]
}

export type Row = Readonly<Record<string, string | number | boolean | null>>

/** Instants as extract tools write them. */
export const instant = (at: number): string => new Date(at).toISOString()

export const date = (at: number): string => instant(at).slice(0, 10)

/** CSV by RFC 4180 with a header of the first row's columns; null is an empty cell. */
export function csv(rows: readonly Row[]): string {
  const [first] = rows
  if (first === undefined) return ''
  const columns = Object.keys(first)
  const lines = rows.map((row) => columns.map((column) => cell(row[column] ?? null)).join(','))
  return `${columns.join(',')}\n${lines.join('\n')}\n`
}

function cell(value: Row[string]): string {
  if (value === null || value === undefined) return ''
  const text = String(value)
  return /[",\n\r]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
