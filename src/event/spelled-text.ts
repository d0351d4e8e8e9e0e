import type { JsonObject } from './event.ts'

/** Whether an object is a text that a client spread over numbered keys: `{"0":"a","1":"b"}`. */
export function isSpelledText(object: JsonObject): boolean {
  if (!isCharacter(object['0'])) return false
  const keys = Object.keys(object)
  return keys.every((key, index) => key === String(index) && isCharacter(object[key]))
}

/** The text that was spread. */
export function spelledText(object: JsonObject): string {
  return Object.values(object).join('')
}

function isCharacter(value: unknown): boolean {
  return typeof value === 'string' && value.length === 1
}
