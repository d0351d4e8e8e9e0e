/**
 * Whom an event names: by its ids, by what an alias or merge says is one person, and by traits that are identifiers.
 */
import type { EventRows } from './rows.ts'

/** A value that identifies a person, with its type, such as (email, ann@x.io). */
export interface Identifier {
  readonly type: string
  readonly value: string
}

const SPACES = /^\s+|\s+$/g
const CONTEXT_TRAIT = 'context_traits_'
const MERGED = ['merge_property_1', 'merge_property_2']

/** Columns of event tables that name a person, by type of identifier; a merge's say their type themselves. */
export function namingColumns(type: string): readonly string[] {
  switch (type) {
    case 'user_id':
      return ['user_id', 'previous_id']
    case 'anonymous_id':
      return ['anonymous_id', 'previous_id']
    default:
      return [`${CONTEXT_TRAIT}${type}`]
  }
}

/** The normal form in which identity compares values: trimmed, and e-mail addresses in lower case. */
export function normalIdentifier({ type, value }: Identifier): Identifier {
  const text = value.replace(SPACES, '')
  return { type, value: type === 'email' ? text.toLowerCase() : text }
}

/** The identifiers of these types that an event names, in normal form. */
export function* namedIn({ rows: [first] }: Pick<EventRows, 'rows'>, types: Iterable<string>): Generator<Identifier> {
  if (first === undefined) return
  const { table, values } = first
  for (const type of types) {
    const own = table === 'identifies' ? [type] : []
    for (const column of new Set([...namingColumns(type), ...own])) {
      const found = values.get(column)
      if (found !== undefined) yield normalIdentifier({ type, value: String(found.text ?? found.value) })
    }
    for (const column of MERGED) {
      if (values.get(`${column}_type`)?.value !== type) continue
      const found = values.get(`${column}_value`)
      if (found !== undefined) yield normalIdentifier({ type, value: String(found.value) })
    }
  }
}
