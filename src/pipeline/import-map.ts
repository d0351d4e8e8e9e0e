import jsonata from 'jsonata'
import { MusterError, messageOf } from '../core/errors.ts'

/** Turns a row into the events it means: none, one or several. `$line` is the row's line in the file. */
export type ImportMap = (row: unknown, line: number) => Promise<readonly unknown[]>

/** Compiles a JSONata map; without one, rows are events already. Throws `import_map_invalid`. */
export function compileImportMap(text: string): ImportMap {
  if (text.trim() === '') return async (row) => [row]
  const expression = compile(text)
  return async (row, line) => {
    const result: unknown = await expression.evaluate(row, { line })
    if (result === undefined || result === null) return []
    return Array.isArray(result) ? result : [result]
  }
}

function compile(text: string) {
  try {
    return jsonata(text)
  } catch (error) {
    const { line, column } = placeOf(text, error)
    throw new MusterError('import_map_invalid', `The map does not compile at ${line}:${column}: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

function placeOf(text: string, error: unknown): { line: number; column: number } {
  const position = typeof error === 'object' && error !== null && 'position' in error ? Number(error.position) : 0
  const before = text.slice(0, position).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}
