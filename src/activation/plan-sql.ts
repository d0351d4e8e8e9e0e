/**
 * The SQL of a plan: compiles which rows a sync would add, update and remove, without running anything.
 */
import type { Dialect } from '../warehouse/dialect.ts'

export interface PlanTables {
  /** Quoted: the audience or model, and the profiles or accounts that its rows are. */
  readonly members: string
  readonly owners: string
  /** The column of both that says which: `profile_id` or `account_id`. */
  readonly id: string
  /** Quoted tables of state. */
  readonly ledger: string
  readonly intents: string
  readonly rejections: string
  readonly memberColumns: readonly string[]
  readonly ownerColumns: readonly string[]
}

export interface RowExpressions {
  readonly key: string
  readonly fields: Readonly<Record<string, string>>
  /** Null, or the code of why the row cannot be sent. */
  readonly invalid: string
}

/** Columns a mapping may use: those of the audience first, then the traits of its members. */
export function rowColumns({ memberColumns, ownerColumns }: PlanTables): readonly string[] {
  return [...new Set([...memberColumns, ...ownerColumns])]
}

/**
 * One row a member: profile_id (an account's id has the same name here), key, fields (JSON text), hash, verdict. The verdict is `suppressed`, an invalid
 * code prefixed `invalid:`, `held:in_doubt`, `held:rejected`, `add`, `update` or `unchanged`.
 */
export function desiredSql(
  dialect: Dialect,
  tables: PlanTables,
  row: RowExpressions,
  { target, consent }: { readonly target: string; readonly consent: string | undefined },
): string {
  const own = new Set(tables.memberColumns)
  const traits = tables.ownerColumns
    .filter((column) => !own.has(column))
    .map((column) => `o.${dialect.identifier(column)}`)
  const { id } = tables
  const source = `select ${['m.*', ...traits].join(', ')} from ${tables.members} m left join ${tables.owners} o on o.${id} = m.${id}`
  const allowed = consent === undefined ? 'true' : `coalesce(${consent}, false)`
  return `with rows as (${source}),
    shaped as (select ${id} as profile_id, ${row.key} as key, ${dialect.jsonObject(row.fields)} as fields, ${row.invalid} as invalid, ${allowed} as allowed from rows),
    hashed as (select *, ${dialect.md5('fields')} as hash,
      row_number() over (partition by key, allowed, invalid is null order by profile_id) as place,
      min(fields) over (partition by key, allowed, invalid is null) <> max(fields) over (partition by key, allowed, invalid is null) as differ
      from shaped)
    select h.profile_id, h.key, h.fields, h.hash, case
      when not h.allowed then 'suppressed'
      when h.invalid is not null then 'invalid:' || h.invalid
      when h.key is null then 'invalid:no_key'
      when h.differ then 'invalid:key_conflict'
      when h.place > 1 then 'invalid:same_key'
      when i.key is not null then 'held:in_doubt'
      when r.hash = h.hash then 'held:rejected'
      when l.key is null then 'add'
      when l.hash <> h.hash then 'update'
      else 'unchanged' end as verdict
    from hashed h
    left join ${tables.ledger} l on l.target = ${dialect.text(target)} and l.key = h.key
    left join ${tables.intents} i on i.target = ${dialect.text(target)} and i.key = h.key
    left join ${tables.rejections} r on r.target = ${dialect.text(target)} and r.key = h.key and r.operation <> 'remove'`
}

/** Acknowledged members that the audience no longer holds: profile_id, key, verdict `remove`, `held:in_doubt` or `held:rejected`. */
export function removalsSql(dialect: Dialect, tables: PlanTables, desired: string, target: string): string {
  return `select l.profile_id, l.key, l.hash, case
      when i.key is not null then 'held:in_doubt'
      when r.key is not null then 'held:rejected'
      else 'remove' end as verdict
    from ${tables.ledger} l
    left join ${tables.intents} i on i.target = l.target and i.key = l.key
    left join ${tables.rejections} r on r.target = l.target and r.key = l.key and r.operation = 'remove' and r.hash = l.hash
    where l.target = ${dialect.text(target)} and not exists (
      select 1 from ${desired} d where d.key = l.key and d.verdict not like 'invalid:%' and d.verdict <> 'suppressed')`
}
