/**
 * Steps that normalisers are made of. Each says once what it does, in SQL and in JavaScript; a property test holds
 * both together on the real engine.
 */
import type { Dialect } from '../warehouse/dialect.ts'

export interface NormaliserStep {
  /** From a text expression to a text expression. */
  readonly sql: (dialect: Dialect, expression: string) => string
  readonly js: (value: string) => string | null
}

/** Every match replaced. `pattern` is of the subset that RE2, POSIX and JavaScript read alike: no escapes, no classes. */
export function replace(pattern: string, replacement: string): NormaliserStep {
  const regex = new RegExp(pattern, 'gu')
  return {
    sql: (dialect, expression) => dialect.replaceAll(expression, pattern, replacement),
    js: (value) => value.replace(regex, replacement),
  }
}

/** Nothing where the text does not match. */
export function only(pattern: string): NormaliserStep {
  const regex = new RegExp(pattern, 'u')
  return {
    sql: (dialect, expression) => `case when ${dialect.matches(expression, pattern)} then ${expression} end`,
    js: (value) => (regex.test(value) ? value : null),
  }
}

/** The first characters of a text that matches; any other stays. */
export function cut(pattern: string, length: number): NormaliserStep {
  const regex = new RegExp(pattern, 'u')
  return {
    sql: (dialect, expression) =>
      `case when ${dialect.matches(expression, pattern)} then substr(${expression}, 1, ${length}) else ${expression} end`,
    js: (value) => (regex.test(value) ? value.slice(0, length) : value),
  }
}

/** Nothing where the text is empty. */
export const present: NormaliserStep = {
  sql: (_, expression) => `nullif(${expression}, '')`,
  js: (value) => (value === '' ? null : value),
}

/** Lower case, each character by itself: `İ` becomes `i`, `Σ` always `σ`, as engines do it. */
export const lower: NormaliserStep = {
  sql: (_, expression) => `lower(${expression})`,
  js: (value) => {
    const plain = /^[\0-\x7f]*$/.test(value)
    if (plain) return value.toLowerCase()
    return Array.from(value, (character) => String.fromCodePoint(character.toLowerCase().codePointAt(0) ?? 0)).join('')
  },
}

/** One of a few words for another; nothing for the rest. */
export function choose(words: Readonly<Record<string, string>>): NormaliserStep {
  return {
    sql: (dialect, expression) => {
      const branches = Object.entries(words).map(
        ([word, value]) => `when ${dialect.text(word)} then ${dialect.text(value)}`,
      )
      return `case ${expression} ${branches.join(' ')} end`
    },
    js: (value) => (Object.hasOwn(words, value) ? (words[value] ?? null) : null),
  }
}
