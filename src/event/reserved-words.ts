/**
 * Words that cannot stand unquoted as a column on Postgres (10 to 18) or DuckDB, so that a name works on both. With
 * RudderStack's own list for Postgres, which has four words more, so that its users find their columns by the same names.
 */
const POSTGRES =
  'all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column concurrently constraint create cross current_catalog current_date current_role current_schema current_time current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning right select session_user similar some symmetric system_user table tablesample then to trailing true union unique user using variadic verbose when where window with'
const DUCKDB =
  'anti asof at by describe glob lambda pivot pivot_longer pivot_wider positional qualify semi show summarize unpack unpivot'
const RUDDERSTACK = 'between new off old'

/** What every table of Postgres has already, under names that are no reserved words. */
export const SYSTEM_COLUMNS: ReadonlySet<string> = new Set('tableoid xmin cmin xmax cmax ctid'.split(' '))

export const RESERVED_WORDS: ReadonlySet<string> = new Set(`${POSTGRES} ${DUCKDB} ${RUDDERSTACK}`.split(' '))
