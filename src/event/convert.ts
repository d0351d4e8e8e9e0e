import type { ColumnType, ColumnValue } from './value.ts'

/** The value as the existing column's type takes it, if nothing is lost by that; undefined sends it to the discards. */
export function convert(value: ColumnValue, to: ColumnType): ColumnValue | undefined {
  if (value.type === to) return value
  switch (to) {
    case 'string':
      return { type: 'string', value: value.text ?? String(value.value) }
    case 'json':
      return { type: 'json', value: value.isJson ? value.value : JSON.stringify(value.text ?? value.value) }
    case 'float':
      return value.type === 'int' ? { type: 'float', value: value.value } : undefined
    case 'date':
      return dateOf(value)
    case 'int':
    case 'boolean':
    case 'datetime':
    case 'other':
      return undefined
  }
}

function dateOf({ type, value }: ColumnValue): ColumnValue | undefined {
  if (type !== 'datetime' || typeof value !== 'string' || !value.endsWith('T00:00:00.000Z')) return undefined
  return { type: 'date', value: value.slice(0, 10) }
}
