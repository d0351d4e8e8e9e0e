/**
 * Normalisers: how values are brought into the form that vendors ask for, in the warehouse or in JavaScript.
 */
import type { Dialect } from '../warehouse/dialect.ts'
import { choose, cut, lower, type NormaliserStep, only, present, replace } from './normaliser-steps.ts'

/** Blanks of Unicode, no-break and zero-width ones included, as the inside of a bracket expression. */
const BLANK = ' \t\n\v\f\r\u0085\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff'
const PUNCTUATION =
  '!-/:-@[-`{-~\u00a1\u00a7\u00ab\u00b4\u00b6\u00b7\u00bb\u00bf\u2010-\u2027\u2030-\u203e\u2041-\u2053'
const ADDRESS = `[^@,;<>()"${BLANK}]`

const trim = replace(`^[${BLANK}]+|[${BLANK}]+$`, '')
const closeUp = replace(`[${BLANK}]+`, '')
const noPunctuation = replace(`[${PUNCTUATION}]+`, '')

interface Normaliser {
  /** Completes "Values are …". */
  readonly title: string
  readonly steps: readonly NormaliserStep[]
}

const normalisers = {
  text: { title: 'trimmed', steps: [trim, present] },
  email: {
    title: 'trimmed and lower-cased; refused unless an address',
    steps: [trim, lower, only(`^${ADDRESS}+@${ADDRESS}+[.]${ADDRESS}+$`)],
  },
  phone: {
    title: 'reduced to digits with the country code, without leading zeros',
    steps: [replace('[^0-9]+', ''), replace('^0+', ''), only('^[0-9]{7,15}$')],
  },
  name: { title: 'trimmed, lower-cased, without punctuation', steps: [noPunctuation, trim, lower, present] },
  place: { title: 'lower-cased, without punctuation and blanks', steps: [noPunctuation, closeUp, lower, present] },
  postcode: {
    title: 'lower-cased, without blanks; of nine US digits the first five',
    steps: [closeUp, lower, cut('^[0-9]{5}-?[0-9]{4}$', 5), present],
  },
  country: { title: 'an ISO 3166 code of two letters, lower-cased', steps: [trim, lower, only('^[a-z]{2}$')] },
  gender: {
    title: '`m` or `f`',
    steps: [trim, lower, choose({ m: 'm', male: 'm', man: 'm', f: 'f', female: 'f', woman: 'f' })],
  },
} as const satisfies Record<string, Normaliser>

export type NormaliserName = keyof typeof normalisers

/** Their names, for the manifest. */
export const NORMALISERS = Object.keys(normalisers) as [NormaliserName, ...NormaliserName[]] // keys of the object above

/** Completes "Values are …", for documentation. */
export function normaliserTitle(name: NormaliserName): string {
  return normalisers[name].title
}

/** SQL that normalises a text expression; null where nothing is left. */
export function normaliseSql(name: NormaliserName, dialect: Dialect, expression: string): string {
  return steps(name).reduce((inner, step) => step.sql(dialect, inner), expression)
}

/** The same in JavaScript. */
export function normalise(name: NormaliserName, value: string | null): string | null {
  return steps(name).reduce<string | null>((inner, step) => (inner === null ? null : step.js(inner)), value)
}

function steps(name: NormaliserName): readonly NormaliserStep[] {
  return normalisers[name].steps
}
