/**
 * Normalisation: what makes two spellings of an identifier one value, and which values name nobody.
 */
import type { IdentifierType } from '../project/index.ts'
import { blockedPattern } from '../project/index.ts'
import type { Dialect } from '../warehouse/dialect.ts'

/** SQL of the normal form of an expression, null where it names nobody. */
export type Normaliser = (type: string, expression: string) => string

/** Values that stand for "nobody" in real data; compared in lower case. */
const BLOCKED = [
  '',
  'null',
  'undefined',
  'none',
  'nil',
  'n/a',
  'na',
  'nan',
  '0',
  '-',
  'unknown',
  'anonymous',
  'true',
  'false',
  '[object object]',
  'test',
] as const

/** Zeros only, as of a UUID; addresses that people type to get past a form. */
const BLOCKED_PATTERNS = ['^[0-]+$', '^(test|none|null|n/?a|no-?reply)@'] as const

/** Said in full: what engines take for white space beyond these differs. */
const SPACE = ' \t\n\f\r'

/** Longer texts are no identifiers; an e-mail address has at most 254 characters (RFC 5321, section 4.5.3.1.3). */
const LONGEST = 500
const LONGEST_EMAIL = 254

const EMAIL = '^[^@ \\t\\n\\f\\r]+@[^@ \\t\\n\\f\\r]+$'

/** Whether SQL cannot normalise a type, so that its values are worked out by code and kept. */
export function isComputed({ normalize, expression }: IdentifierType): boolean {
  return normalize === 'phone' || expression !== undefined
}

export interface NormaliserInput {
  readonly dialect: Dialect
  readonly types: readonly IdentifierType[]
  /** Blocked for every type. */
  readonly blocked: readonly string[]
  /** Quoted table of values that code worked out: type, raw, value. */
  readonly computed: string
}

export interface Normalisers {
  readonly normalise: Normaliser
  /** The normal form alone: it may be a value that names nobody. */
  readonly normalForm: Normaliser
  /** SQL of whether a normal form names somebody. */
  readonly namesSomebody: Normaliser
}

export function normalisers({ dialect, types, blocked, computed }: NormaliserInput): Normalisers {
  const byName = new Map(types.map((type) => [type.name, type]))
  const normalForm: Normaliser = (name, expression) => {
    const type = byName.get(name)
    const raw = `cast(${expression} as varchar)`
    if (type && isComputed(type)) {
      return `(select c.value from ${computed} c where c.type = ${dialect.text(name)} and c.raw = ${raw})`
    }
    return inSql(dialect, type, `trim(${raw}, ${dialect.text(SPACE)})`)
  }
  const namesSomebody: Normaliser = (name, value) => {
    const type = byName.get(name)
    // Of what code worked out, only values that name somebody are kept.
    return type && isComputed(type) ? `${value} is not null` : usable(dialect, type, blocked, value)
  }
  const normalise: Normaliser = (name, expression) => {
    const form = normalForm(name, expression)
    const type = byName.get(name)
    return type && isComputed(type) ? form : `case when ${namesSomebody(name, form)} then ${form} end`
  }
  return { normalise, normalForm, namesSomebody }
}

/** SQL of a value that code worked out, null where it names nobody. */
export function usableValue(dialect: Dialect, type: IdentifierType, blocked: readonly string[], value: string): string {
  return `case when ${usable(dialect, type, blocked, value)} then ${value} end`
}

function inSql(dialect: Dialect, type: IdentifierType | undefined, text: string): string {
  switch (type?.normalize) {
    case 'email':
    case 'lowercase':
      return `lower(${text})`
    case 'digits':
      return dialect.replaceAll(text, '[^0-9]+', '')
    default:
      return text
  }
}

function usable(dialect: Dialect, type: IdentifierType | undefined, blocked: readonly string[], value: string): string {
  const all = [...blocked, ...(type?.blocked ?? [])]
  const patterns = [...BLOCKED_PATTERNS, ...all.flatMap((one) => blockedPattern(one) ?? [])]
  const values = all.filter((one) => blockedPattern(one) === undefined).map((one) => one.trim().toLowerCase())
  const isEmail = type?.normalize === 'email' && type.expression === undefined
  const list = [...new Set([...BLOCKED, ...values])].map(dialect.text).join(', ')
  const conditions = [
    `length(${value}) <= ${isEmail ? LONGEST_EMAIL : LONGEST}`,
    `lower(${value}) not in (${list})`,
    `not ${dialect.matches(`lower(${value})`, patterns.map((pattern) => `(${pattern})`).join('|'))}`,
    ...(isEmail ? [dialect.matches(value, EMAIL)] : []),
  ]
  return conditions.join(' and ')
}
