import { MusterError } from '../core/errors.ts'
import { type Entity, TRAIT_TABLES } from '../project/entity.ts'
import { type Names, quoted } from '../warehouse/names.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'

export interface TraitModel {
  /** `models.billing` */
  readonly id: string
  readonly file: string
  /** Physical. */
  readonly schema: string
  readonly name: string
}

/** Columns that both tables of identity have besides their key. */
const OF_IDENTITY = ['identifiers', 'first_seen', 'last_seen']

/**
 * Rebuilds `profiles` or `accounts`: identity's table of that name with every column of each trait model. Gives its
 * rows. Throws `trait_conflict` when two models give the same trait, `table_taken` when the table is somebody else's.
 */
export async function buildTraitTable(
  warehouse: Warehouse,
  names: Names,
  entity: Entity,
  models: readonly TraitModel[],
): Promise<number> {
  const { dialect } = warehouse
  const { table, key } = TRAIT_TABLES[entity]
  const tables = await warehouse.columns()
  const [schema = '', name = ''] = names[table].replaceAll('"', '').split('.')
  const existing = tables.get(`${schema}.${name}`)
  if (existing && ![key, ...OF_IDENTITY].every((column) => existing.has(column))) throw taken(schema, name)
  const owners = new Map<string, string>()
  for (const column of tables.get(`${names.schema('identity')}.${table}`)?.keys() ?? [])
    owners.set(column, `identity.${table}`)
  const selected: string[] = ['e.*']
  const joins: string[] = []
  models.forEach((model, index) => {
    for (const column of tables.get(`${model.schema}.${model.name}`)?.keys() ?? []) {
      if (column === key) continue
      const owner = owners.get(column)
      if (owner !== undefined) throw conflict(column, owner, model, table)
      owners.set(column, model.id)
      selected.push(`m${index}.${dialect.identifier(column)}`)
    }
    joins.push(`left join ${quoted(dialect, model.schema, model.name)} m${index} on m${index}.${key} = e.${key}`)
  })
  return warehouse.transaction('build', async (session) => {
    await session.run(`create schema if not exists ${dialect.identifier(schema)}`)
    const sql = `select ${selected.join(', ')} from ${names.table('identity', table)} e ${joins.join(' ')}`
    await session.replace({ kind: 'table', schema, name, sql })
    const [counted] = await session.query<{ rows: number }>(`select count(*) as rows from ${names[table]}`)
    return counted?.rows ?? 0
  })
}

function conflict(column: string, owner: string, { id, file }: TraitModel, table: string): MusterError {
  return new MusterError('trait_conflict', `Trait "${column}" is given by both ${owner} and ${id} (${file}).`, {
    hint: `Rename the column in one of them: traits are the columns of one table, ${table}.`,
  })
}

function taken(schema: string, name: string): MusterError {
  return new MusterError(
    'table_taken',
    `There is a table ${schema}.${name} that Muster did not make; it stays as it is.`,
    {
      hint: 'Move it to another schema, or choose an environment, whose schemas have a prefix.',
    },
  )
}
