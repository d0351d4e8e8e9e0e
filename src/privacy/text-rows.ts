/**
 * Rows that hold a person's text in what only reading tells: bodies of refused events, and the values of held rows.
 */
import { type EventRow, RowValues } from '../event/index.ts'
import type { Session } from '../warehouse/warehouse.ts'
import { heldBy, type PersonScope } from './person-rows.ts'
import { matcherOf } from './subject.ts'

/** Refused events that name the person: hashes of their bodies. */
export async function refusedOf(session: Session, scope: PersonScope): Promise<readonly string[]> {
  const { state, identity } = scope
  const matcher = matcherOf(scope.person.identifiers)
  const hash = identity.dialect.md5('body')
  const found: string[] = []
  for await (const rows of session.stream<{ hash: string; body: string }>(
    `select ${hash} as hash, body from ${state.name('rejected_events')} where ${holding(scope, 'body')}`,
  )) {
    for (const row of rows) if (matcher.erasesText(row.body, undefined)) found.push(row.hash)
  }
  return found
}

export interface HeldEvent {
  readonly schema: string
  readonly id: string
}

/** Events that are held and name the person. */
export async function heldOf(session: Session, scope: PersonScope): Promise<readonly HeldEvent[]> {
  const { state } = scope
  const matcher = matcherOf(scope.person.identifiers)
  const found = new Map<string, HeldEvent>()
  for await (const rows of session.stream<HeldRow>(
    `select table_schema as schema, row_id as id, table_name as name, "values", (${heldBy(scope)}) as owned
     from ${state.name('held_rows')} where ${heldBy(scope)} or ${holding(scope, '"values"')}`,
  )) {
    for (const { schema, id, name, values, owned } of rows) {
      const row: EventRow = { table: name, values: RowValues.of(JSON.parse(values)) } // as the loader wrote them
      if (owned || matcher.erases({ rows: [row] }, { live: true })) found.set(`${schema}\0${id}`, { schema, id })
    }
  }
  return [...found.values()]
}

interface HeldRow {
  readonly schema: string
  readonly id: string
  readonly name: string
  readonly values: string
  readonly owned: boolean
}

/** Whether the text holds one of the identifiers, in whatever case: a first look, that reading confirms. */
function holding({ identity, person }: PersonScope, column: string): string {
  const { dialect } = identity
  const found = person.identifiers.map(
    ({ value }) =>
      `position(${dialect.text(JSON.stringify(value).slice(1, -1).toLowerCase())} in lower(${column})) > 0`,
  )
  return found.length === 0 ? 'false' : `(${found.join(' or ')})`
}
