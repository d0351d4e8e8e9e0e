/**
 * Compiles a sync's mapping to SQL: which columns become the key and the fields, normalised as the vendor asks.
 */
import { nearest } from '../project/suggest.ts'
import type { Dialect } from '../warehouse/dialect.ts'
import type { Connector } from './connector.ts'
import type { CompileRowInput } from './delivery.ts'
import type { Field, Manifest } from './manifest.ts'
import { normaliseSql } from './normalisers.ts'

export interface MappingProblem {
  readonly message: string
  readonly hint: string
}

export interface CompiledRow {
  /** SQL of the member's key; null where the row cannot be sent. */
  readonly key: string
  /** SQL of each mapped field but the key: text or null. */
  readonly fields: Readonly<Record<string, string>>
  /** SQL that gives why a row cannot be sent, such as `no_email`, or null. */
  readonly invalid: string
  readonly problems: readonly MappingProblem[]
}

type Shape = Pick<Field, 'normalise' | 'hash'>

interface Mapped {
  readonly name: string
  readonly column: string
  readonly field: Shape
  readonly required: boolean
}

/** Expressions over the columns of a row. Columns not mapped are found by the names that fields declare. */
export function compileRow(connector: Connector, { columns, mapping, dialect }: CompileRowInput): CompiledRow {
  const { key } = connector.manifest
  const { mapped, problems } = mapColumns(connector, columns, mapping)
  const expressions = new Map(mapped.map(({ name, column, field }) => [name, fieldSql(dialect, column, field)]))
  const refusals = mapped.filter(({ required }) => required).map((entry) => refusal(dialect, entry))
  return {
    key: expressions.get(key) ?? 'cast(null as varchar)',
    fields: Object.fromEntries([...expressions].filter(([name]) => name !== key)),
    invalid: refusals.length > 0 ? `case ${refusals.join(' ')} end` : 'cast(null as varchar)',
    problems,
  }
}

function mapColumns(
  { name, manifest }: Connector,
  columns: readonly string[],
  mapping: Readonly<Record<string, string>>,
) {
  const mapped: Mapped[] = []
  const problems: MappingProblem[] = []
  for (const [field, column] of Object.entries(mapping)) {
    const declared = fieldNamed(manifest, field)
    if (!declared) problems.push(unknownField(name, manifest, field))
    else if (!columns.includes(column)) problems.push(missingColumn(field, column, columns))
    else mapped.push({ name: field, column, field: declared, required: isRequired(manifest, field) })
  }
  for (const [field, declared] of Object.entries(manifest.fields)) {
    if (mapping[field] !== undefined) continue
    const required = isRequired(manifest, field)
    const column = declared.columns.find((candidate) => columns.includes(candidate))
    if (column !== undefined) mapped.push({ name: field, column, field: declared, required })
    else if (required) problems.push(unmapped(manifest.title, field, declared, columns))
  }
  return { mapped, problems }
}

function isRequired({ key, fields }: Manifest, field: string): boolean {
  return field === key || fields[field]?.required === true
}

/** What the manifest says of a field a mapping names: one of its own, or one that the vendor's users define. */
export function fieldNamed({ fields, other_fields: others }: Manifest, name: string): Shape | undefined {
  const own = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (own) return own
  if (!others || !new RegExp(`^(?:${others.pattern})$`, 'u').test(name)) return undefined
  return { normalise: others.normalise }
}

export function unknownField(
  connector: string,
  { fields, other_fields: others }: Manifest,
  field: string,
): MappingProblem {
  const near = nearest(field, Object.keys(fields))
  const there = `there are: ${Object.keys(fields).join(', ')}${others ? `, and ${others.title}` : ''}`
  return {
    message: `${connector} has no field "${field}".`,
    hint: near === undefined ? there : `did you mean \`${near}\`?`,
  }
}

function missingColumn(field: string, column: string, columns: readonly string[]): MappingProblem {
  const near = nearest(column, columns)
  return {
    message: `The mapping of ${field} names the column "${column}", which neither the audience nor its profiles have.`,
    hint: near === undefined ? `there are: ${columns.join(', ')}` : `did you mean \`${near}\`?`,
  }
}

function unmapped(
  title: string,
  field: string,
  { columns: candidates }: Field,
  columns: readonly string[],
): MappingProblem {
  return {
    message: `${title} needs ${field}, and there is no column ${candidates.join(' or ')}.`,
    hint: `map it: mapping: { ${field}: COLUMN }; there are: ${columns.join(', ')}`,
  }
}

const HASH = '^[0-9a-f]{64}$'

function fieldSql(dialect: Dialect, column: string, { normalise, hash }: Shape): string {
  const text = columnText(dialect, column)
  const normalised = normaliseSql(normalise, dialect, text)
  if (hash === undefined) return normalised
  return `case when ${dialect.matches(text, HASH)} then ${text} else ${dialect.sha256(normalised)} end`
}

function refusal(dialect: Dialect, { name, column, field }: Mapped): string {
  const text = columnText(dialect, column)
  return `when ${normaliseSql('text', dialect, text)} is null then ${dialect.text(`no_${name}`)}
    when ${fieldSql(dialect, column, field)} is null then ${dialect.text(`invalid_${name}`)}`
}

function columnText(dialect: Dialect, column: string): string {
  return `cast(${dialect.identifier(column)} as ${dialect.columnType('string')})`
}
