import jsonata from 'jsonata'
import { lineIndex } from './line-index.ts'
import type { Place } from './project.ts'

/** What JSONata says of a mistake, and where it is; without a place when JSONata knows none. */
export interface JsonataFault {
  readonly message: string
  readonly place?: Place
}

/** Why a JSONata text does not parse, and where; undefined when it does. `file` is what the place names. */
export function jsonataFault(text: string, file: string): JsonataFault | undefined {
  try {
    jsonata(text)
    return undefined
  } catch (error) {
    return describeJsonataError(error, text, file)
  }
}

/** What JSONata throws, when it parses and when it evaluates: plain objects that may have a position and a token. */
export function describeJsonataError(error: unknown, text: string, file: string): JsonataFault {
  const { message, position, token } = Object(error) as { message?: unknown; position?: unknown; token?: unknown }
  const told = typeof message === 'string' ? message : String(error)
  if (typeof position !== 'number') return { message: told }
  return { message: told, place: lineIndex(text, file).placeAt(startOf(text, position, token)) }
}

/** JSONata's positions are where its reader stood: behind the token, or behind the bracket that follows it. */
function startOf(text: string, position: number, token: unknown): number {
  const word = token === undefined ? '' : String(token)
  const start = word === '' ? -1 : text.lastIndexOf(word, position - word.length)
  if (start < 0 || position - start - word.length > 1) return Math.min(position, text.length)
  return /["'`$]/.test(text.charAt(start - 1)) ? start - 1 : start
}
