import { RESERVED_WORDS, SYSTEM_COLUMNS } from './reserved-words.ts'

/** Postgres cuts identifiers here; every engine does, so that a project means the same tables everywhere. */
const MAX_NAME = 63

/** Camel-case words; digits stay with the letters before them, else with those after. */
const WORD = /[A-Z]?[a-z]+\d*|[A-Z]+\d+|\d+(?:[A-Z]?[a-z]+|[A-Z]*)|[A-Z]+(?![a-z])/g

/** Tables of fixed meaning; an event of such a name gets `_` before it. */
const FIXED_TABLES: ReadonlySet<string> = new Set([
  'tracks',
  'identifies',
  'users',
  'pages',
  'screens',
  'groups',
  'aliases',
  'merges',
  'accounts',
  'discards',
])

/** The pattern of source names that are already a schema name. */
const PLAIN_SCHEMA = /^[a-z][a-z0-9_]{0,62}$/

/**
 * A name as RudderStack writes it: ASCII words in snake case joined by `_`, leading underscores kept, `_` before a
 * leading digit, at most 63 bytes. Undefined where no ASCII letter or digit is left.
 */
export function snakeName(name: string): string | undefined {
  const words = name.match(WORD)
  if (words === null) return undefined
  const snake = leadingUnderscores(name) + words.join('_').toLowerCase()
  const first = snake.charCodeAt(0)
  return (first >= 48 && first <= 57 ? `_${snake}` : snake).slice(0, MAX_NAME)
}

function leadingUnderscores(name: string): string {
  let count = 0
  while (name[count] === '_') count++
  return '_'.repeat(count)
}

/** The column of a property or trait, usable unquoted on every engine; undefined where nothing is left of its name. */
export const columnName: (name: string) => string | undefined = cached((property) => {
  const name = unreserved(property)
  return name !== undefined && SYSTEM_COLUMNS.has(name) ? `_${name}` : name
})

/** The table of a track event's name; undefined where nothing is left of it. */
export const tableName: (event: string) => string | undefined = cached((event) => {
  const name = unreserved(event)
  return name !== undefined && FIXED_TABLES.has(name) ? `_${name}` : name
})

/** The schema of a source: the source's own name wherever that can stand unquoted. */
export function schemaName(source: string): string {
  if (PLAIN_SCHEMA.test(source)) return RESERVED_WORDS.has(source) ? `_${source}` : source
  return unreserved(source) ?? 'stringempty'
}

function unreserved(name: string): string | undefined {
  const snake = snakeName(name)
  return snake !== undefined && RESERVED_WORDS.has(snake) ? `_${snake}` : snake
}

/** Remembers results for names of ordinary length; forgets them all when they get many. */
function cached(compute: (name: string) => string | undefined): (name: string) => string | undefined {
  const known = new Map<string, string>()
  return (name) => {
    const hit = known.get(name)
    if (hit !== undefined) return hit
    const result = compute(name)
    if (result === undefined || name.length > 200) return result
    if (known.size >= 50_000) known.clear()
    known.set(name, result)
    return result
  }
}
