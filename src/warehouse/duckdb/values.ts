import {
  DuckDBTimestampTZValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
  type DuckDBValueConverter,
  type JS,
  JSDuckDBValueConverter,
} from '@duckdb/node-api'
import type { ColumnType, Value } from '../warehouse.ts'

/** A bound value as the driver takes it. */
export function toDuckdb(value: unknown): DuckDBValue {
  if (value instanceof Date) return new DuckDBTimestampTZValue(BigInt(value.getTime()) * 1000n)
  if (value === undefined) return null
  return value as Value as DuckDBValue // knex's bindings are Values too: nothing else is ever bound
}

/** Values as programs want them: whole numbers as numbers while exact, else text; dates as `YYYY-MM-DD`. */
export const fromDuckdb: DuckDBValueConverter<JS> = (value, type, converter) => {
  if (typeof value === 'bigint') return exactNumber(value)
  if (type.typeId === DuckDBTypeId.DATE && value !== null) return String(value)
  return JSDuckDBValueConverter(value, type, converter)
}

function exactNumber(value: bigint): number | string {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value.toString()
}

const TYPES: Readonly<Record<string, ColumnType>> = {
  VARCHAR: 'string',
  BIGINT: 'int',
  INTEGER: 'int',
  SMALLINT: 'int',
  TINYINT: 'int',
  UBIGINT: 'int',
  UINTEGER: 'int',
  HUGEINT: 'int',
  DOUBLE: 'float',
  FLOAT: 'float',
  BOOLEAN: 'boolean',
  'TIMESTAMP WITH TIME ZONE': 'datetime',
  TIMESTAMP: 'datetime',
  DATE: 'date',
  JSON: 'json',
}

export function columnTypeOf(engineType: string): ColumnType {
  return TYPES[engineType] ?? (engineType.startsWith('DECIMAL') ? 'float' : 'other')
}

export function typeName(type: DuckDBType): string {
  return type.alias ?? String(type)
}
