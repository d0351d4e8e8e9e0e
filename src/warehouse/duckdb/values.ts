import {
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
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

/** Types that JavaScript and JSON have no value for; they are read as the engine writes them. */
const AS_TEXT: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.DATE,
  DuckDBTypeId.TIME,
  DuckDBTypeId.TIME_TZ,
  DuckDBTypeId.TIME_NS,
  DuckDBTypeId.INTERVAL,
  DuckDBTypeId.BLOB,
  DuckDBTypeId.BIT,
])

/** Further from 1970 than a Date goes, in microseconds; the engine's infinity lies there too. */
const BEYOND_DATES = 8_640_000_000_000_000_000n

/** Values as programs want them: whole numbers as numbers while exact, else text; dates as `YYYY-MM-DD`. */
export const fromDuckdb: DuckDBValueConverter<JS> = (value, type, converter) => {
  if (typeof value === 'bigint') return exactNumber(value)
  if (value !== null && (AS_TEXT.has(type.typeId) || isBeyondDates(value))) return String(value)
  return JSDuckDBValueConverter(value, type, converter)
}

function isBeyondDates(value: DuckDBValue): boolean {
  if (!(value instanceof DuckDBTimestampTZValue || value instanceof DuckDBTimestampValue)) return false
  return value.micros > BEYOND_DATES || value.micros < -BEYOND_DATES
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
