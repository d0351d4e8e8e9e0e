/** What Muster knows of SQL functions by name: which read the clock, which may not be called. */

/** instant: with a time zone · timestamp, time: without · time_tz: time of day with a zone · date: calendar day */
export type ClockKind = 'instant' | 'date' | 'timestamp' | 'time' | 'time_tz'

export const CLOCKS: ReadonlyMap<string, ClockKind> = new Map<string, ClockKind>([
  ['now', 'instant'],
  ['current_timestamp', 'instant'],
  ['get_current_timestamp', 'instant'],
  ['transaction_timestamp', 'instant'],
  ['statement_timestamp', 'instant'],
  ['clock_timestamp', 'instant'],
  ['sysdate', 'timestamp'],
  ['getdate', 'timestamp'],
  ['current_datetime', 'timestamp'],
  ['localtimestamp', 'timestamp'],
  ['current_localtimestamp', 'timestamp'],
  ['current_date', 'date'],
  ['today', 'date'],
  ['curdate', 'date'],
  ['localtime', 'time'],
  ['current_localtime', 'time'],
  ['current_time', 'time_tz'],
  ['get_current_time', 'time_tz'],
])

/** Clocks that are read without parentheses; the others are columns then. */
export const BARE_CLOCKS: ReadonlySet<string> = new Set([
  'current_date',
  'current_time',
  'current_timestamp',
  'localtime',
  'localtimestamp',
  'sysdate',
])

export const RANDOM: ReadonlySet<string> = new Set([
  'gen_random_uuid',
  'generate_uuid',
  'newid',
  'rand',
  'randn',
  'random',
  'random_normal',
  'setseed',
  'uuid',
  'uuid_generate_v1',
  'uuid_generate_v4',
  'uuid_string',
  'uuidv4',
  'uuidv7',
])

/** Functions that stand after FROM and make rows out of their arguments alone. */
export const TABLE_FUNCTIONS: ReadonlySet<string> = new Set([
  'flatten',
  'generate_series',
  'generate_subscripts',
  'json_array_elements',
  'json_array_elements_text',
  'json_each',
  'json_each_text',
  'json_object_keys',
  'json_to_recordset',
  'json_tree',
  'jsonb_array_elements',
  'jsonb_array_elements_text',
  'jsonb_each',
  'jsonb_each_text',
  'jsonb_object_keys',
  'jsonb_to_recordset',
  'range',
  'regexp_matches',
  'regexp_split_to_table',
  'repeat',
  'string_to_table',
  'unnest',
])

const HARMLESS_PG = new Set(['pg_typeof', 'pg_size_pretty', 'pg_column_size'])

const FORBIDDEN = new Set([
  'current_connection_id',
  'current_query',
  'current_query_id',
  'current_setting',
  'current_transaction_id',
  'currval',
  'cursor_to_xml',
  'database_to_xml',
  'getenv',
  'getvariable',
  'lastval',
  'load_file',
  'nextval',
  'query_to_xml',
  'query_to_xml_and_xmlschema',
  'query_to_xmlschema',
  'schema_to_xml',
  'set_config',
  'setval',
  'sleep',
  'sleep_ms',
  'table_to_xml',
  'timeofday',
  'txid_current',
  'write_log',
])

/** Functions that read or change settings, sessions, sequences or files, or run text as SQL. */
export function isForbidden(name: string): boolean {
  if (name.startsWith('pg_')) return !HARMLESS_PG.has(name)
  return FORBIDDEN.has(name) || name.startsWith('dblink') || /^lo_(import|export|get|put|from_bytea)$/.test(name)
}
