import { MusterError } from '../core/errors.ts'
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

/**
 * Rebuilds `profiles`: identity.profiles with every column of each trait model. Throws `trait_conflict` when two
 * models give the same trait.
 */
export async function buildProfiles(
  warehouse: Warehouse,
  names: Names,
  models: readonly TraitModel[],
): Promise<number> {
  const { dialect } = warehouse
  const tables = await warehouse.columns()
  const owners = new Map<string, string>()
  for (const column of tables.get(`${names.schema('identity')}.profiles`)?.keys() ?? [])
    owners.set(column, 'identity.profiles')
  const selected: string[] = ['p.*']
  const joins: string[] = []
  models.forEach(({ id, file, schema, name }, index) => {
    for (const column of tables.get(`${schema}.${name}`)?.keys() ?? []) {
      if (column === 'profile_id') continue
      const owner = owners.get(column)
      if (owner !== undefined) {
        throw new MusterError('trait_conflict', `Trait "${column}" is given by both ${owner} and ${id} (${file}).`, {
          hint: 'Rename the column in one of them: traits are the columns of one table, profiles.',
        })
      }
      owners.set(column, id)
      selected.push(`m${index}.${dialect.identifier(column)}`)
    }
    joins.push(`left join ${quoted(dialect, schema, name)} m${index} on m${index}.profile_id = p.profile_id`)
  })
  return warehouse.transaction('build', async (session) => {
    const [schema = '', name = ''] = names.profiles.replaceAll('"', '').split('.')
    await session.run(`create schema if not exists ${dialect.identifier(schema)}`)
    const sql = `select ${selected.join(', ')} from ${names.table('identity', 'profiles')} p ${joins.join(' ')}`
    await session.replace({ kind: 'table', schema, name, sql })
    const [counted] = await session.query<{ rows: number }>(`select count(*) as rows from ${names.profiles}`)
    return counted?.rows ?? 0
  })
}
