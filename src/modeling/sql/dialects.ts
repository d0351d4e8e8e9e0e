import { Dialect } from '@polyglot-sql/sdk'

const BY_NAME: ReadonlyMap<string, Dialect> = new Map([
  ...Object.values(Dialect)
    .filter((dialect) => dialect !== Dialect.Generic)
    .map((dialect): [string, Dialect] => [dialect, dialect]),
  ['postgres', Dialect.PostgreSQL],
])

const BACKTICKS: ReadonlySet<Dialect> = new Set([
  Dialect.BigQuery,
  Dialect.ClickHouse,
  Dialect.Databricks,
  Dialect.Doris,
  Dialect.Hive,
  Dialect.MySQL,
  Dialect.SingleStore,
  Dialect.Spark,
  Dialect.StarRocks,
  Dialect.TiDB,
])

/** The names that `dialect:` of a definition takes. */
export const dialectNames: readonly string[] = [...BY_NAME.keys()].sort()

export function dialectNamed(name: string): Dialect | undefined {
  return BY_NAME.get(name.toLowerCase())
}

/** A quoted identifier. */
export function quoteIn(dialect: Dialect, name: string): string {
  const mark = BACKTICKS.has(dialect) ? '`' : '"'
  return `${mark}${name.replaceAll(mark, mark + mark)}${mark}`
}

/** The name an identifier stands for. DuckDB takes no notice of case, quoted or not. */
export function foldIn(dialect: Dialect, name: string, isQuoted: boolean): string {
  return isQuoted && dialect !== Dialect.DuckDB ? name : name.toLowerCase()
}
