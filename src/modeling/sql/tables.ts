/** Which tables a statement reads: its table nodes, less the CTEs that can be seen where they stand. */
import type { Dialect } from '@polyglot-sql/sdk'
import { type AstNode, bodyOf, type Identifier, identifierOf, isNode, listOf, type Tagged, tagged } from './ast.ts'
import { foldIn } from './dialects.ts'
import { relationsOf } from './relations.ts'
import { type FoundTable, type FromScope, type Mention, settle } from './scopes.ts'
import type { Span } from './select.ts'

interface Visible {
  readonly ctes: ReadonlySet<string>
  readonly from: FromScope
}

export function tablesOf(statement: AstNode, dialect: Dialect): readonly FoundTable[] {
  const walk = new TableWalk(dialect)
  return walk.tables(statement)
}

class TableWalk {
  readonly #dialect: Dialect
  readonly #scopes: FromScope[] = []
  readonly #mentions: Mention[] = []

  constructor(dialect: Dialect) {
    this.#dialect = dialect
  }

  tables(statement: AstNode): readonly FoundTable[] {
    this.#visit(statement, { ctes: new Set(), from: this.#scope(undefined) })
    return settle(this.#scopes, this.#mentions).toSorted((a, b) => a.start - b.start)
  }

  #scope(parent: FromScope | undefined): FromScope {
    const scope: FromScope = { parent, exposed: [], references: [] }
    this.#scopes.push(scope)
    return scope
  }

  #visit(value: unknown, visible: Visible): void {
    if (Array.isArray(value)) {
      for (const item of value) this.#visit(item, visible)
      return
    }
    if (!isNode(value)) return
    const node = tagged(value)
    if (node?.kind === 'select') return this.#select(node.body, visible)
    if (node?.kind === 'pivot') return this.#pivot(node.body, visible)
    if (node) this.#note(node, visible)
    this.#fields(value, visible)
  }

  #note({ kind, body }: Tagged, visible: Visible): void {
    switch (kind) {
      case 'table':
        return this.#table(body, visible)
      case 'column':
        return this.#column(body, visible)
      case 'dot':
        return this.#dot(bodyOf(body.this, 'column'), visible)
      case 'star':
        return this.#star(body, visible)
    }
  }

  #fields(node: AstNode, visible: Visible): void {
    const inner = isNode(node.with) ? this.#with(node.with, visible) : visible
    for (const [key, value] of Object.entries(node)) if (key !== 'with') this.#visit(value, inner)
  }

  #select(body: AstNode, visible: Visible): void {
    const { ctes } = isNode(body.with) ? this.#with(body.with, visible) : visible
    const scope = this.#scope(visible.from)
    for (const { kind, body: relation, alias } of relationsOf(body)) {
      const name = alias ?? (kind === 'table' ? identifierOf(relation.name)?.name : undefined)
      if (name !== undefined) scope.exposed.push(name.toLowerCase())
    }
    const { with: _, into: __, ...read } = body
    this.#fields(read, { ctes, from: scope })
  }

  /** A CTE is seen by those after it and by the statement; by itself only if recursive. */
  #with(clause: AstNode, visible: Visible): Visible {
    const ctes = new Set(visible.ctes)
    for (const cte of listOf(clause.ctes)) {
      const name = this.#fold(identifierOf(cte.alias))
      if (clause.recursive === true && name !== undefined) ctes.add(name)
      this.#visit(cte.this, { ...visible, ctes: new Set(ctes) })
      if (name !== undefined) ctes.add(name)
    }
    return { ...visible, ctes }
  }

  #table(body: AstNode, visible: Visible): void {
    const name = identifierOf(body.name)
    if (name) this.#read([identifierOf(body.catalog), identifierOf(body.schema), name], isNode(body.alias), visible)
  }

  /** `pivot models.x on a` has its table parsed as a column. */
  #pivot(body: AstNode, visible: Visible): void {
    const inner = isNode(body.with) ? this.#with(body.with, visible) : visible
    const dot = bodyOf(body.this, 'dot')
    const column = bodyOf(dot ? dot.this : body.this, 'column')
    const parts = [identifierOf(column?.table), identifierOf(column?.name), dot && identifierOf(dot.field)]
    this.#read(parts, false, inner)
    const { with: _, ...read } = body
    this.#fields(read, inner)
  }

  #read(parts: readonly (Identifier | undefined)[], hasAlias: boolean, { ctes, from }: Visible): void {
    const written = parts.filter((part) => part !== undefined)
    const [name, schema, catalog] = written.toReversed()
    const first = written[0]
    if (!name || !first) return
    const table = this.#fold(name) ?? ''
    if (!schema && ctes.has(table)) return
    from.references.push({
      catalog: this.#fold(catalog),
      schema: this.#fold(schema),
      name: table,
      start: first.span.start,
      end: name.span.end,
      hasAlias,
    })
  }

  #column(body: AstNode, { from }: Visible): void {
    const table = identifierOf(body.table)
    if (table) this.#mentions.push({ schema: undefined, name: this.#fold(table) ?? '', ...table.span, from })
  }

  /** `models.x.a` is the column `x` of `models`, and then its field `a`. */
  #dot(column: AstNode | undefined, { from }: Visible): void {
    const schema = identifierOf(column?.table)
    const table = identifierOf(column?.name)
    if (!schema || !table) return
    const span: Span = { start: schema.span.start, end: table.span.end }
    this.#mentions.push({ schema: this.#fold(schema), name: this.#fold(table) ?? '', ...span, from })
  }

  /** `models.x.*` has its qualifier in one piece. */
  #star(body: AstNode, { from }: Visible): void {
    const qualifier = identifierOf(body.table)
    if (!qualifier) return
    const parts = qualifier.isQuoted ? [qualifier.name] : qualifier.name.split('.')
    const [name = '', schema, ...more] = parts
      .toReversed()
      .map((part) => foldIn(this.#dialect, part, qualifier.isQuoted))
    if (more.length === 0) this.#mentions.push({ schema, name, ...qualifier.span, from })
  }

  #fold(identifier: Identifier | undefined): string | undefined {
    return identifier && foldIn(this.#dialect, identifier.name, identifier.isQuoted)
  }
}
