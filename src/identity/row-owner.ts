import type { SourceTable } from '../project/index.ts'
import type { RawColumn } from './computed-values.ts'
import type { Identity } from './identity.ts'

export interface RowOwners {
  /** What `Identity.prepare` must have seen of the relation. */
  readonly columns: readonly RawColumn[]
  /** SQL of every owner of a row: columns type, value. */
  readonly pairs: string
  /** SQL of the rows with `_identifier`, the number of their owner. */
  readonly numbered: string
}

/** How rows of a source table are numbered: by their strongest identifier. Nothing where the table holds none. */
export function ownersOf(
  { types, normalise, names, dialect }: Identity,
  table: SourceTable,
  relation: string,
): RowOwners | undefined {
  const held = types.of('user').flatMap((type) => {
    const column = table.identifiers[type]
    if (column === undefined) return []
    const expression = dialect.identifier(column)
    return [{ type, expression, value: normalise(type, `t.${expression}`) }]
  })
  if (held.length === 0) return undefined
  const value = `coalesce(${held.map((identifier) => identifier.value).join(', ')})`
  const type = `case ${held.map((identifier) => `when ${identifier.value} is not null then ${dialect.text(identifier.type)}`).join(' ')} end`
  return {
    columns: held,
    pairs: `select ${type} as type, ${value} as value from ${relation} t`,
    numbered: `select t.*, i.id as _identifier from ${relation} t
      left join ${names.table('identity', 'identifiers')} i on i.type = ${type} and i.value = ${value}`,
  }
}
