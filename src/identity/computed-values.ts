/**
 * Values that SQL cannot normalise: phone numbers, and whatever an expression says. Each distinct text is worked out
 * once and kept.
 */
import type { IdentifierType } from '../project/index.ts'
import type { Dialect } from '../warehouse/dialect.ts'
import type { Session } from '../warehouse/warehouse.ts'
import { NormalForms } from './normal-forms.ts'
import { isComputed, usableValue } from './normalise.ts'

export interface RawColumn {
  readonly type: string
  /** SQL of the column, within the relation. */
  readonly expression: string
}

export interface ComputedValues {
  readonly dialect: Dialect
  readonly types: readonly IdentifierType[]
  readonly blocked: readonly string[]
  /** Quoted table: type, raw, value. */
  readonly table: string
}

/** Texts worked out at a time. */
const PAGE = 100_000

/** Works out what the relation's columns hold that is not known yet. Within the load lane. */
export async function computeValues(
  session: Session,
  { dialect, types, blocked, table }: ComputedValues,
  relation: string,
  columns: readonly RawColumn[],
): Promise<void> {
  for (const type of types.filter(isComputed)) {
    const held = columns.filter((column) => column.type === type.name)
    if (held.length === 0) continue
    const raws = held.map(({ expression }) => `select distinct cast(${expression} as varchar) as raw from ${relation}`)
    await session.run(
      `create temp table raw_values as select cast(row_number() over () as integer) as n, raw from (${raws.join(' union ')}) r
       where raw is not null and not exists (select 1 from ${table} c where c.type = ${dialect.text(type.name)} and c.raw = r.raw)`,
    )
    await using forms = new NormalForms(type)
    for (let first = 0; ; first += PAGE) {
      const page = await session.query<{ raw: string }>(
        `select raw from raw_values where n > ${first} and n <= ${first + PAGE}`,
      )
      if (page.length === 0) break
      const values = await forms.of(page.map(({ raw }) => raw))
      const rows = page.map(({ raw }, place) => ({ raw, value: values[place] }))
      const { relation: staged } = await session.stage({ raw: 'string', value: 'string' }, rows)
      await session.run(
        `insert into ${table} (type, raw, value)
         select ${dialect.text(type.name)}, raw, ${usableValue(dialect, type, blocked, 'value')} from ${staged}`,
      )
    }
    await session.run('drop table raw_values')
  }
}
