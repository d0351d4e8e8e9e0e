import type { Dialect } from './dialect.ts'

/** Physical names of what Muster owns: schemas carry the environment's prefix, and a suffix in historic runs. */
export interface Names {
  /** The physical schema of a logical one, such as `identity` → `prod_identity`. */
  schema(logical: string): string
  /** A quoted `schema.table`; the schema is logical. */
  table(logical: string, table: string): string
  /** The quoted names of `profiles` and `accounts`, which have no schema in SQL. */
  readonly profiles: string
  readonly accounts: string
}

/** `historic` runs write beside the current tables, in schemas that end in `_asof`. */
export function physicalNames(dialect: Dialect, prefix: string, { historic = false } = {}): Names {
  const suffix = historic ? '_asof' : ''
  const schema = (logical: string) => `${prefix}${logical}${suffix}`
  const table = (logical: string, name: string) => quoted(dialect, schema(logical), name)
  const main = (name: string) =>
    prefix === '' && !historic ? quoted(dialect, dialect.mainSchema, name) : table('main', name)
  return { schema, table, profiles: main('profiles'), accounts: main('accounts') }
}

/** A quoted `schema.table`; both are physical. */
export function quoted(dialect: Dialect, schema: string, table: string): string {
  return `${dialect.identifier(schema)}.${dialect.identifier(table)}`
}
