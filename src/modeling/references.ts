/** What the table names in a definition's SQL mean in its project. */
import type { Problem } from '../core/problems.ts'
import { schemaName } from '../event/index.ts'
import { TRAIT_TABLES } from '../project/entity.ts'
import type { Audience, Model, Place } from '../project/project.ts'
import { nearest } from '../project/suggest.ts'
import type { GraphInput, ReadPlaces } from './graph.ts'
import type { ParsedSelect, TableRef } from './sql/index.ts'

type Context = Pick<GraphInput, 'project'> & { readonly tables: GraphInput['tables'] | undefined }

interface Resolved {
  readonly reads: readonly string[]
  readonly places: ReadPlaces
  readonly problems: readonly Problem[]
}

type Resolve = (definition: Model | Audience, select: ParsedSelect) => Resolved

export function referenceResolver(context: Context): Resolve {
  const catalog = catalogOf(context)
  return ({ file }, { tables }) => {
    const places = new Map<string, Place>()
    const problems: Problem[] = []
    for (const ref of tables) {
      const { line, column } = ref
      const id = idOf(ref)
      for (const read of [id, catalog.behindStitched.get(id)]) {
        if (read !== undefined && !places.has(read)) places.set(read, { file, line, column })
      }
      const unknown = unknownTable(ref, catalog)
      if (unknown) problems.push({ code: 'unknown_table', file, line, column, ...unknown })
    }
    return { reads: [...places.keys()], places, problems }
  }
}

const TRAITS: readonly string[] = Object.values(TRAIT_TABLES).map(({ table }) => table)
/** What is there in every project, to be read. */
const OWN = new Set([...TRAITS, ...TRAITS.map((table) => `identity.${table}`), 'identity.account_users'])

function idOf({ schema, name }: TableRef): string {
  if (schema === undefined || (schema === 'main' && TRAITS.includes(name))) return name
  return `${schema}.${name}`
}

interface Catalog {
  /** What exists whether or not it has been built: definitions, source tables, profiles and accounts. */
  readonly declared: ReadonlySet<string>
  /** By logical name; absent when the warehouse is not open. */
  readonly existing: ReadonlySet<string> | undefined
  /** Schemas whose tables appear as events land and identities are stitched. */
  readonly growing: ReadonlySet<string>
  /** Schemas that hold nothing but what the project declares. */
  readonly closed: ReadonlySet<string>
  /** `stitched.billing_customers` → `billing.customers` */
  readonly behindStitched: ReadonlyMap<string, string>
}

function catalogOf({ project, tables }: Context): Catalog {
  const definitions = [...project.models, ...project.audiences].map(({ id }) => id)
  const sourceTables = project.sourceTables.map(({ schema, name }) => ({
    id: `${schema}.${name}`,
    stitched: `stitched.${schema}_${name}`,
  }))
  return {
    declared: new Set([...definitions, ...sourceTables.map(({ id }) => id), ...OWN]),
    existing: tables && new Set([...tables].map((table) => logicalName(table, project.prefix))),
    growing: new Set(['stitched', 'identity', ...Object.keys(project.sources).map(schemaName)]),
    closed: new Set(['main', 'models', 'audiences']),
    behindStitched: new Map(sourceTables.map(({ id, stitched }) => [stitched, id])),
  }
}

/** Only schemas that Muster owns carry the environment's prefix. */
function logicalName(table: string, prefix: string): string {
  const owned = [`${prefix}stitched.`, `${prefix}identity.`].some((start) => table.startsWith(start))
  return owned ? table.slice(prefix.length) : table
}

function unknownTable(ref: TableRef, catalog: Catalog): Pick<Problem, 'severity' | 'message' | 'hint'> | undefined {
  const { schema } = ref
  const id = idOf(ref)
  const { declared, existing, growing, closed } = catalog
  if (declared.has(id)) return undefined
  const near = suggestion(ref, catalog)
  if (schema === undefined) {
    const message = `There is no table ${id}; only profiles and accounts go without a schema.`
    return { severity: 'error', message, hint: near ?? 'Write schema.table.' }
  }
  if (growing.has(schema)) {
    if (!existing || existing.has(id)) return undefined
    return {
      severity: 'warning',
      message: `${id} is not there yet.`,
      hint: near ?? 'It appears when its first events have landed.',
    }
  }
  if (!closed.has(schema) && existing?.has(id)) return undefined
  const hint = near ?? 'Make it a model, or name it under source_tables in muster.yaml.'
  if (closed.has(schema) || existing) return { severity: 'error', message: `There is no table ${id}.`, hint }
  return {
    severity: 'warning',
    message: `${id} is not part of the project; without the warehouse it cannot be checked.`,
    hint,
  }
}

/** A table of that name in another schema, or one of a similar name in the same. */
function suggestion({ schema, name }: TableRef, { declared, existing, growing, closed }: Catalog): string | undefined {
  const landed = [...(existing ?? [])].filter((table) => growing.has(table.slice(0, table.indexOf('.'))))
  // A table `accounts` of a schema of the user's own is rarely Muster's that is meant.
  const isForeign = schema !== undefined && !growing.has(schema) && !closed.has(schema)
  const known = [...declared, ...landed].filter((table) => !isForeign || !OWN.has(table))
  const namesake = known.find((table) => table.endsWith(`.${name}`) || table === name)
  if (namesake !== undefined) return schema === undefined ? `Write ${namesake}.` : `Did you mean ${namesake}?`
  const start = schema === undefined ? '' : `${schema}.`
  const near = nearest(
    name,
    known.filter((table) => table.startsWith(start)).map((table) => table.slice(start.length)),
  )
  return near === undefined ? undefined : `Did you mean ${start}${near}?`
}
