/**
 * Progress: how far each source has been searched for identifiers, and by which rules.
 */
import type { IdentitySettings } from '../project/index.ts'
import type { Dialect } from '../warehouse/dialect.ts'
import type { Names } from '../warehouse/names.ts'
import type { Session } from '../warehouse/warehouse.ts'

export interface Progress {
  readonly load: number
  /** Of event tables up to which instant; of source tables what they held. */
  readonly as_of: Date | null
  readonly rules: string | null
  /** Some row is of a later instant than `as_of`. */
  readonly later: boolean | null
}

/** The rules by which all was collected and grouped are kept under names that no table has. */
export const COLLECTED = 'rules: collected'
export const GROUPED = 'rules: grouped'
export const DECIDED = 'rules: decided'
export const RULES: readonly string[] = [COLLECTED, GROUPED, DECIDED]

export async function readProgress(session: Session, names: Names, source: string): Promise<Progress | undefined> {
  const [row] = await session.query<Progress>(
    `select load, as_of, rules, later from ${names.table('identity', 'progress')} where source = $1`,
    [source],
  )
  return row
}

export async function writeProgress(
  session: Session,
  names: Names,
  source: string,
  { load, as_of, rules, later }: Progress,
): Promise<void> {
  const progress = names.table('identity', 'progress')
  await session.run(`delete from ${progress} where source = $1`, [source])
  await session.run(`insert into ${progress} (source, load, as_of, rules, later) values ($1, $2, $3, $4, $5)`, [
    source,
    load,
    as_of,
    rules,
    later,
  ])
}

/** What decides which identifiers a row is found to hold. */
export function collectingRules({ types, events, blocked }: IdentitySettings): string {
  const rules = types.map(({ name, entity, normalize, expression, country, blocked }) => [
    name,
    entity,
    normalize,
    expression,
    country,
    blocked,
  ])
  return JSON.stringify([rules, events, blocked])
}

/** What decides who is one. */
export function groupingRules({ types, limited }: IdentitySettings): string {
  return JSON.stringify([limited, types.map(({ name, limit, sharedAbove }) => [name, limit, sharedAbove])])
}

/** SQL: the rows of an event table that are to be searched now. */
export function newRows(
  dialect: Dialect,
  done: Progress | undefined,
  { load, asOf }: { load: number; asOf: Date },
): string {
  const seen = `_load <= ${load} and "timestamp" <= ${dialect.timestamp(asOf)}`
  if (!done) return seen
  const later = done.later && done.as_of ? ` or "timestamp" > ${dialect.timestamp(done.as_of)}` : ''
  return `${seen} and (_load > ${done.load}${later})`
}
