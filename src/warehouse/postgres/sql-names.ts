/**
 * The names in a query, as Postgres reads them: the first word, every identifier and those that qualify another.
 */
import { MusterError } from '../../core/errors.ts'

export interface SqlNames {
  /** In small letters; `(` where the query begins with a bracket, empty where there is none. */
  readonly first: string
  readonly all: ReadonlySet<string>
  /** Those before a dot: schemas, tables and aliases. */
  readonly qualifiers: ReadonlySet<string>
}

/** Other spaces of Unicode are letters of a name. */
const SPACE = String.raw`[ \t\n\r\f\v]`
const COMMENT = String.raw`--[^\n\r]*`
const SKIPPED = `${SPACE}+|${COMMENT}`
/** After a line break the next piece belongs to the same text, and its backslashes escape too. */
const NEXT_LINE = String.raw`[ \t\f\v]*(?:${COMMENT})?[\n\r](?:${SPACE}|${COMMENT}[\n\r])*`
const ESCAPED_PIECE = String.raw`'(?:[^'\\]|\\[\s\S]|'')*'`
const ESCAPED_TEXT = `[eE]${ESCAPED_PIECE}(?:${NEXT_LINE}${ESCAPED_PIECE})*`
const PLAIN_TEXT = "'(?:[^']|'')*'"
const DOLLAR_TEXT = String.raw`\$(?<tag>[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?\$\k<tag>\$`
const QUOTED = '"(?<quoted>(?:[^"]|"")*)"'
const WORD = String.raw`(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`
const NUMBER = String.raw`\d[\w.]*`
const TOKEN = new RegExp(
  [SKIPPED, ESCAPED_TEXT, PLAIN_TEXT, DOLLAR_TEXT, QUOTED, WORD, NUMBER, String.raw`[\s\S]`].join('|'),
  'y',
)
const BLANK = new RegExp(`^(?:${SKIPPED})`)

/** Throws `warehouse_refused` for identifiers in Unicode escapes, which nobody writes to be understood. */
export function namesIn(sql: string): SqlNames {
  let first = ''
  let last: string | undefined
  const all = new Set<string>()
  const qualifiers = new Set<string>()
  for (let place = 0; place < sql.length; ) {
    if (sql.startsWith('/*', place)) {
      place = endOfComment(sql, place)
      continue
    }
    TOKEN.lastIndex = place
    const match = TOKEN.exec(sql)
    const [token = ''] = match ?? []
    place += Math.max(1, token.length)
    if (BLANK.test(token)) continue
    const { word, quoted } = match?.groups ?? {}
    if (/^u$/i.test(word ?? '') && sql[place] === '&') {
      throw new MusterError('warehouse_refused', 'A query may not write names or texts as Unicode escapes (U&).')
    }
    if (first === '') first = token === ';' ? '' : token.toLowerCase()
    if (token === '.' && last !== undefined) qualifiers.add(last)
    last = word?.toLowerCase() ?? quoted?.replaceAll('""', '"')
    if (last !== undefined) all.add(last)
  }
  return { first, all, qualifiers }
}

/** Comments of Postgres nest. */
function endOfComment(sql: string, begin: number): number {
  let depth = 0
  for (let place = begin; place < sql.length; ) {
    const pair = sql.slice(place, place + 2)
    if (pair === '/*') depth += 1
    if (pair === '*/') depth -= 1
    place += pair === '/*' || pair === '*/' ? 2 : 1
    if (depth === 0) return place
  }
  return sql.length
}
