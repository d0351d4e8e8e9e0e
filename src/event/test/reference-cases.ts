/**
 * Names and values by the rules of RudderStack's warehouse schema for Postgres, with what Muster makes of each.
 *
 * column, table, schema   a name of a property, of an event, of a source; the answer is the name in the warehouse
 * value                   the property `v` as JSON; the answer is `type value` by column, joined by `, `
 * column of type …        a value for a column that exists; the answer is what is stored
 *
 * `none`: nothing is stored. `discards`: it is kept in the table of discards, with the reason.
 */
export interface ReferenceCase {
  readonly kind:
    | 'column'
    | 'table'
    | 'schema'
    | 'value'
    | `column of type ${'string' | 'int' | 'float' | 'boolean' | 'datetime' | 'json'}`
  /** The name, or the value as JSON. */
  readonly sent: string
  readonly ours: string
  /** Absent: the same. */
  readonly theirs?: string
  /** Why ours differs. */
  readonly why?: string
}

const X63 = 'x'.repeat(63)

const DUCKDB = 'a word that DuckDB reserves: one name for every engine'
const SCHEMA = 'a source is named in muster.yaml; where that name can stand, it is the schema as it is written'
const DROPPED = 'there the value is lost without a word'
const FULL_NUMBER = 'beyond 2^53 the digits are rounded before they get here: said in the discards'

export const REFERENCE_CASES: readonly ReferenceCase[] = [
  { kind: 'column', sent: 'Product Added', ours: 'product_added' },
  { kind: 'column', sent: 'camelCase', ours: 'camel_case' },
  { kind: 'column', sent: 'XMLHttp', ours: 'xml_http' },
  { kind: 'column', sent: 'XmlHTTP', ours: 'xml_http' },
  { kind: 'column', sent: 'LETTERSAeiouAreVowels', ours: 'letters_aeiou_are_vowels' },
  { kind: 'column', sent: "O'Brien", ours: 'o_brien' },
  { kind: 'column', sent: 'test123', ours: 'test123' },
  { kind: 'column', sent: 'omega v2', ours: 'omega_v2' },
  { kind: 'column', sent: 'abc123def456', ours: 'abc123_def456' },
  { kind: 'column', sent: 'CamelCase123Key', ours: 'camel_case123_key' },
  { kind: 'column', sent: '9mega', ours: '_9mega' },
  { kind: 'column', sent: '9mega________-________90', ours: '_9mega_90' },
  { kind: 'column', sent: '&4yasdfa(84224_fs9##_____*3q', ours: '_4yasdfa_84224_fs9_3q' },
  { kind: 'column', sent: 'path to $1,00,000', ours: 'path_to_1_00_000' },
  { kind: 'column', sent: 'ome$ga', ours: 'ome_ga' },
  { kind: 'column', sent: 'mega&', ours: 'mega' },
  { kind: 'column', sent: 'ome_ ga', ours: 'ome_ga' },
  { kind: 'column', sent: '_abc_123_def_456', ours: '_abc_123_def_456' },
  { kind: 'column', sent: '__abc_123_def_456', ours: '__abc_123_def_456' },
  { kind: 'column', sent: 'Cízǔ', ours: 'c_z' },
  { kind: 'column', sent: 'SELECT', ours: '_select' },
  { kind: 'column', sent: 'order', ours: '_order' },
  { kind: 'column', sent: 'between', ours: '_between' },
  { kind: 'column', sent: 'not_reserved', ours: 'not_reserved' },
  { kind: 'column', sent: 'Qualify', ours: '_qualify', theirs: 'qualify', why: DUCKDB },
  { kind: 'column', sent: 'pivot', ours: '_pivot', theirs: 'pivot', why: DUCKDB },
  { kind: 'column', sent: `${X63}yz`, ours: X63 },
  { kind: 'column', sent: '@#$%', ours: 'discards', theirs: 'none', why: DROPPED },
  { kind: 'column', sent: '日本', ours: 'discards', theirs: 'none', why: DROPPED },
  { kind: 'table', sent: 'Product Added', ours: 'product_added' },
  { kind: 'table', sent: 'PRODUCT-ADDED', ours: 'product_added' },
  { kind: 'table', sent: 'tracks', ours: '_tracks' },
  { kind: 'table', sent: 'Users', ours: '_users' },
  { kind: 'table', sent: 'accounts', ours: '_accounts' },
  { kind: 'table', sent: 'group', ours: '_group' },
  { kind: 'table', sent: 'x'.repeat(500), ours: X63 },
  { kind: 'table', sent: '', ours: 'none' },
  { kind: 'table', sent: '📦', ours: 'none' },
  { kind: 'table', sent: 'merges', ours: '_merges', theirs: 'merges', why: 'merges has a table of its own here' },
  {
    kind: 'table',
    sent: 'discards',
    ours: '_discards',
    theirs: 'discards',
    why: 'their table is called rudder_discards',
  },
  { kind: 'schema', sent: 'web', ours: 'web' },
  { kind: 'schema', sent: 'group', ours: '_group' },
  { kind: 'schema', sent: 'Cízǔ', ours: 'c_z' },
  { kind: 'schema', sent: '___', ours: 'stringempty' },
  { kind: 'schema', sent: 'k3_namespace', ours: 'k3_namespace', theirs: 'k_3_namespace', why: SCHEMA },
  { kind: 'schema', sent: 'omega v2 ', ours: 'omega_v2', theirs: 'omega_v_2', why: 'named like tables and columns' },
  { kind: 'value', sent: '42', ours: 'int 42' },
  { kind: 'value', sent: '42.0', ours: 'int 42' },
  { kind: 'value', sent: '42.5', ours: 'float 42.5' },
  { kind: 'value', sent: 'true', ours: 'boolean true' },
  { kind: 'value', sent: '"true"', ours: 'string true' },
  { kind: 'value', sent: '"NaN"', ours: 'string NaN' },
  { kind: 'value', sent: '"2022-10-05T14:48:00.000Z"', ours: 'datetime 2022-10-05T14:48:00.000Z' },
  { kind: 'value', sent: '"2023-06-14"', ours: 'datetime 2023-06-14T00:00:00.000Z' },
  { kind: 'value', sent: '"2025-04-02T01:09:03"', ours: 'datetime 2025-04-02T01:09:03.000Z' },
  { kind: 'value', sent: '"2025-04-02 01:09:03.000+0530"', ours: 'datetime 2025-04-01T19:39:03.000Z' },
  { kind: 'value', sent: '"2025-04-02 01:09:03.714247+00:00"', ours: 'datetime 2025-04-02T01:09:03.714Z' },
  { kind: 'value', sent: '"0001-01-01T00:00:00.000Z"', ours: 'datetime 0001-01-01T00:00:00.000Z' },
  { kind: 'value', sent: '"9999-12-31T23:59:59.999Z"', ours: 'datetime 9999-12-31T23:59:59.999Z' },
  { kind: 'value', sent: '"2024-05-23T25:00:00Z"', ours: 'string 2024-05-23T25:00:00Z' },
  { kind: 'value', sent: '"23-05-2024T10:00:00Z"', ours: 'string 23-05-2024T10:00:00Z' },
  { kind: 'value', sent: '"+2023-06-14T05:23:59.244Z"', ours: 'string +2023-06-14T05:23:59.244Z' },
  { kind: 'value', sent: '"05:23:59.244Z"', ours: 'string 05:23:59.244Z' },
  { kind: 'value', sent: '"2022/10-05T"', ours: 'string 2022/10-05T' },
  {
    kind: 'value',
    sent: `"2025-04-02T01:09:03.${'0'.repeat(21)}"`,
    ours: `string 2025-04-02T01:09:03.${'0'.repeat(21)}`,
  },
  { kind: 'value', sent: 'null', ours: 'none' },
  { kind: 'value', sent: '""', ours: 'none' },
  { kind: 'value', sent: '[]', ours: 'none' },
  { kind: 'value', sent: '[""]', ours: 'none' },
  { kind: 'value', sent: '{}', ours: 'none' },
  { kind: 'value', sent: '[null]', ours: 'string [null]' },
  { kind: 'value', sent: '[1,"x",{"a":2}]', ours: 'string [1,"x",{"a":2}]' },
  { kind: 'value', sent: '[[[]]]', ours: 'string [[[]]]', theirs: 'none', why: 'what was sent is kept' },
  { kind: 'value', sent: '{"a":{"b":{"c":{"d":1}}}}', ours: 'v_a_b_c_d int 1' },
  { kind: 'value', sent: '{"a b":1,"a_b":2}', ours: 'v_a_b int 2, discards', theirs: 'v_a_b int 2', why: DROPPED },
  {
    kind: 'value',
    sent: '9007199254740993',
    ours: 'float 9007199254740992, discards',
    theirs: 'int 9007199254740992',
    why: FULL_NUMBER,
  },
  { kind: 'value', sent: '1e300', ours: 'float 1e+300', theirs: 'int 1e+300', why: 'no whole-number column holds it' },
  { kind: 'column of type string', sent: '7', ours: '7' },
  { kind: 'column of type string', sent: 'false', ours: 'false' },
  {
    kind: 'column of type string',
    sent: '"2025-04-02T01:00+02:00"',
    ours: '2025-04-02T01:00+02:00',
    theirs: '2025-04-01T23:00:00.000Z',
    why: 'a column of texts takes the text that was sent',
  },
  { kind: 'column of type float', sent: '7', ours: '7' },
  { kind: 'column of type float', sent: '"7.5"', ours: 'discards' },
  {
    kind: 'column of type int',
    sent: '7.5',
    ours: '7.5',
    theirs: '7',
    why: 'the column widens to double precision, in which every whole number that it holds is exact',
  },
  { kind: 'column of type int', sent: '"7"', ours: 'discards' },
  { kind: 'column of type int', sent: 'true', ours: 'discards' },
  { kind: 'column of type boolean', sent: '1', ours: 'discards' },
  { kind: 'column of type datetime', sent: '"today"', ours: 'discards' },
  { kind: 'column of type json', sent: '"a"', ours: '"a"' },
  { kind: 'column of type json', sent: '7', ours: '7' },
]
