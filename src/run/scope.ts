/**
 * Scope: what the names in a definition's SQL mean in one run.
 */
import { schemaName } from '../event/index.ts'
import { type RunWindow, seenBy } from '../identity/index.ts'
import type { TableRef } from '../modeling/sql/index.ts'
import type { Project } from '../project/index.ts'
import type { Dialect } from '../warehouse/dialect.ts'
import { type Names, quoted } from '../warehouse/names.ts'

/** Tables of identity that each run rebuilds; a historic run has its own. */
const REBUILT = new Set(['members', 'profiles', 'accounts', 'account_users'])

export interface ScopeInput {
  readonly project: Project
  readonly dialect: Dialect
  /** The current tables, and those this run writes: the same unless the run is historic. */
  readonly names: Names
  readonly target: Names
  readonly window: RunWindow
  /** Event tables: `schema.table`. */
  readonly events: ReadonlySet<string>
}

/** Gives the SQL that stands for a table reference; nothing where it may stay as it is. */
export function scopeOf({
  project,
  dialect,
  names,
  target,
  window,
  events,
}: ScopeInput): (ref: TableRef) => string | undefined {
  const built = new Set(['stitched', 'audiences', ...project.models.map(({ schema }) => schema)])
  const sources = new Set(Object.keys(project.sources).map(schemaName))
  return ({ schema, name }) => {
    if ((name === 'profiles' || name === 'accounts') && (schema === undefined || schema === 'main')) return target[name]
    if (schema === undefined) return undefined
    if (built.has(schema)) return target.table(schema, name)
    if (schema === 'identity') return (REBUILT.has(name) ? target : names).table(schema, name)
    if (!sources.has(schema)) return undefined
    const table = quoted(dialect, schema, name)
    if (events.has(`${schema}.${name}`)) return `(select * from ${table} e where ${seenBy(dialect, window, 'e')})`
    return table
  }
}
