/**
 * `${NAME}` in the values of a file.
 *
 * A brace ends a plain word inside `{ … }` and `[ … ]`, so before YAML is parsed the braces of `${NAME}` are replaced by
 * two code points of the same length that no text may hold: positions stay as they are.
 */
const OPEN = '\uFDD0'
const CLOSE = '\uFDD1'
const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g
const MASKED = /\$\$\uFDD0(\w+)\uFDD1|\$\uFDD0(\w+)\uFDD1|\$\$\{|\$\{/g

/** The hint for a text that is no reference, or should be none. */
export const PLAIN_DOLLAR = 'write `$${` for a plain dollar sign with a brace'

export type Variables = Readonly<Record<string, string | undefined>>

export interface Resolved {
  readonly text: string
  /** Whether anything of the text came from a variable: it may be secret then. */
  readonly fromEnvironment: boolean
  /** Variables that are not set, or empty. */
  readonly missing: readonly string[]
  /** Whether some `${` is no reference. */
  readonly malformed: boolean
}

/** Text for the YAML parser, of the same length. */
export function mask(text: string): string {
  return text.replace(REFERENCE, `$$${OPEN}$1${CLOSE}`)
}

/** Masked text as it was written. */
export function unmask(text: string): string {
  return text.replaceAll(OPEN, '{').replaceAll(CLOSE, '}')
}

/** Puts variables into a masked text; `$${` stands for `${`. A text with a missing variable stays as it was written. */
export function resolve(masked: string, variables: Variables): Resolved {
  const missing: string[] = []
  let fromEnvironment = false
  let malformed = false
  const text = masked.replace(MASKED, (match: string, escaped: string | undefined, name: string | undefined) => {
    if (match === '$${') return '${'
    if (escaped !== undefined) return `\${${escaped}}`
    if (name === undefined) {
      malformed = true
      return match
    }
    fromEnvironment = true
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined
    if (value === undefined || value === '') missing.push(name)
    return value ?? ''
  })
  return { text: missing.length > 0 ? unmask(masked) : text, fromEnvironment, missing, malformed }
}
