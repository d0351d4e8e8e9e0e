/** Names of schemas, tables and columns that every engine takes unquoted. */
export const NAME = /^[a-z][a-z0-9_]{0,62}$/

export const NAME_RULE = 'must begin with a small letter and hold only small letters, digits and `_`, at most 63'

/** The nearest name that follows the rule; empty where none is near. */
export function plainName(text: string): string {
  const plain = text
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
  return NAME.test(plain) ? plain : ''
}
