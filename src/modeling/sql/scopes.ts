/** What a column's qualifier means: which table of which FROM clause around it. */
import type { Span } from './select.ts'

/** A table node, in the parser's characters. */
export interface FoundTable extends Span {
  readonly catalog: string | undefined
  readonly schema: string | undefined
  readonly name: string
  /** See `TableRef`. */
  readonly alias: string | undefined
  readonly mentions: readonly Span[]
}

export interface Reference extends Omit<FoundTable, 'alias' | 'mentions'> {
  readonly hasAlias: boolean
}

/** One SELECT's FROM clause. */
export interface FromScope {
  readonly parent: FromScope | undefined
  /** What columns may be qualified with, in lower case. */
  readonly exposed: string[]
  readonly references: Reference[]
}

/** A qualifier: `models.x` or `x`. */
export interface Mention extends Span {
  readonly schema: string | undefined
  readonly name: string
  readonly from: FromScope
}

interface Uses {
  readonly qualified: Span[]
  readonly bare: Span[]
  /** Whether a relation between a mention and its table has the table's bare name. */
  isHidden: boolean
}

/** The references with what mentions them, and the alias that each must get when it is replaced. */
export function settle(scopes: readonly FromScope[], mentions: readonly Mention[]): readonly FoundTable[] {
  const uses = new Map<Reference, Uses>()
  for (const { references } of scopes) {
    for (const reference of references) uses.set(reference, { qualified: [], bare: [], isHidden: false })
  }
  const settled = new Set<number>()
  for (const mention of mentions)
    if (mention.schema !== undefined && settleQualified(mention, uses)) settled.add(mention.start)
  for (const mention of mentions)
    if (mention.schema === undefined && !settled.has(mention.start)) settleBare(mention, uses)
  return scopes.flatMap((scope) => scope.references.map((reference) => found(reference, scope, uses.get(reference))))
}

/** The nearest table without an alias, of that schema and name. */
function settleQualified({ schema, name, from, start, end }: Mention, uses: ReadonlyMap<Reference, Uses>): boolean {
  let isHidden = false
  for (let scope: FromScope | undefined = from; scope; scope = scope.parent) {
    const reference = scope.references.find((read) => !read.hasAlias && read.name === name && isSchemaOf(read, schema))
    const used = reference && uses.get(reference)
    if (used) {
      used.qualified.push({ start, end })
      used.isHidden ||= isHidden
      return true
    }
    isHidden ||= scope.exposed.includes(name.toLowerCase())
  }
  return false
}

/** Without a schema in a reference, it is looked up in the engine's default one. */
function isSchemaOf(read: Reference, schema: string | undefined): boolean {
  return read.schema === undefined ? schema === 'main' || schema === 'public' : read.schema === schema
}

/** The nearest relation of that name, if it is a table that has no alias. */
function settleBare({ name, from, start, end }: Mention, uses: ReadonlyMap<Reference, Uses>): void {
  for (let scope: FromScope | undefined = from; scope; scope = scope.parent) {
    if (!scope.exposed.includes(name.toLowerCase())) continue
    const reference = scope.references.find((read) => !read.hasAlias && read.name === name)
    if (reference) uses.get(reference)?.bare.push({ start, end })
    return
  }
}

/** Where the bare name could mean another relation, the schema goes into the alias. */
function found({ hasAlias, ...reference }: Reference, { exposed }: FromScope, uses: Uses | undefined): FoundTable {
  const { schema = 'main', name } = reference
  const { qualified = [], bare = [], isHidden = false } = uses ?? {}
  if (hasAlias) return { ...reference, alias: undefined, mentions: [] }
  const isShared = isHidden || exposed.filter((other) => other === name.toLowerCase()).length > 1
  if (isShared) return { ...reference, alias: `${schema}.${name}`, mentions: [...qualified, ...bare] }
  return { ...reference, alias: name, mentions: qualified }
}
