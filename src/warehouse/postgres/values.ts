/**
 * Values between JavaScript and Postgres. What comes back is what every engine gives: see `Session.query`.
 */
import pg from 'pg'
import type { ColumnType, Value } from '../warehouse.ts'

const { builtins, getTypeParser } = pg.types

type Parse = (text: string) => unknown

/** Further than a Date goes there is only the text; so too before year 1 and for infinity. */
function instant(text: string): unknown {
  const iso = text.replace(' ', 'T')
  const date = new Date(/[+-]\d\d(:?\d\d)?$/.test(iso) ? iso.replace(/([+-]\d\d)$/, '$1:00') : `${iso}Z`)
  return text.endsWith('BC') || Number.isNaN(date.getTime()) ? text : date
}

function exactNumber(text: string): number | string {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : text
}

const SCALARS: ReadonlyMap<number, Parse> = new Map<number, Parse>([
  [builtins.BOOL, (text) => text === 't'],
  [builtins.INT2, Number],
  [builtins.INT4, Number],
  [builtins.INT8, exactNumber],
  [builtins.OID, Number],
  [builtins.FLOAT4, Number],
  [builtins.FLOAT8, Number],
  [builtins.NUMERIC, Number],
  [builtins.TIMESTAMP, instant],
  [builtins.TIMESTAMPTZ, instant],
])

const TEXT_ARRAY = 1009

/** The array types of those scalars, and of text. */
const ARRAYS: ReadonlyMap<number, number> = new Map([
  [1000, builtins.BOOL],
  [1005, builtins.INT2],
  [1007, builtins.INT4],
  [1016, builtins.INT8],
  [1021, builtins.FLOAT4],
  [1022, builtins.FLOAT8],
  [1231, builtins.NUMERIC],
  [1115, builtins.TIMESTAMP],
  [1185, builtins.TIMESTAMPTZ],
  [TEXT_ARRAY, builtins.TEXT],
  [1015, builtins.VARCHAR],
  [1182, builtins.DATE],
])

const asText: Parse = (text) => text

/** How the driver reads a type: everything that is not named here as Postgres writes it. */
function parserOf(type: number): Parse {
  const element = ARRAYS.get(type)
  if (element === undefined) return SCALARS.get(type) ?? asText
  const parse = SCALARS.get(element) ?? asText
  return (text) => membersOf(textArray(text), parse)
}

/** The driver's reader of `text[]`, whose members are texts, nulls or arrays of such. */
const textArray: Parse = getTypeParser(TEXT_ARRAY as Parameters<typeof getTypeParser>[0]) // the driver's types name no arrays

function membersOf(value: unknown, parse: Parse): unknown {
  if (Array.isArray(value)) return value.map((member) => membersOf(member, parse))
  return typeof value === 'string' ? parse(value) : value
}

/** What a bound value is; 0 leaves it to the statement. */
function typeOf(value: unknown): number {
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return builtins.INT8
  if (typeof value === 'number') return builtins.FLOAT8
  if (typeof value === 'boolean') return builtins.BOOL
  return value instanceof Date ? builtins.TIMESTAMPTZ : 0
}

/** Readers of results; as a list, the types of the statement's parameters, as the driver's Parse message takes them. */
export function typesFor(values: readonly unknown[]): pg.CustomTypesConfig {
  return Object.assign(values.map(typeOf), { getTypeParser: parserOf })
}

/** A bound value as the driver takes it. */
export function toPostgres(value: unknown): Value {
  return value === undefined ? null : (value as Value) // knex's bindings are Values too: nothing else is ever bound
}

const TYPES: Readonly<Record<string, ColumnType>> = {
  text: 'string',
  varchar: 'string',
  bpchar: 'string',
  name: 'string',
  int8: 'int',
  int4: 'int',
  int2: 'int',
  float8: 'float',
  float4: 'float',
  numeric: 'float',
  bool: 'boolean',
  timestamptz: 'datetime',
  timestamp: 'datetime',
  date: 'date',
  json: 'json',
  jsonb: 'json',
}

/** By the name in pg_type. */
export function columnTypeOf(engineType: string): ColumnType {
  return TYPES[engineType] ?? 'other'
}
