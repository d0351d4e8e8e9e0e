/**
 * Expressions: JSONata with the functions that vendors' APIs ask for.
 */
import { createHash, createHmac } from 'node:crypto'
import jsonata from 'jsonata'

/** Evaluates to plain JSON, or to undefined where there is nothing. */
export type Expression = (input: object) => Promise<unknown>
/** Evaluates to text. */
export type Template = (input: object) => Promise<string>

/** Throws with the place of the mistake in the text. */
export function compileExpression(text: string): Expression {
  const expression = parsed(text)
  registerFunctions(expression)
  return async (input) => plain(await expression.evaluate(input))
}

/** Adds `$md5`, `$sha256`, `$hmac_sha256` and `$json`. */
export function registerFunctions(expression: jsonata.Expression): void {
  expression.registerFunction('md5', (value: string) => createHash('md5').update(value).digest('hex'), '<s:s>')
  expression.registerFunction('sha256', (value: string) => createHash('sha256').update(value).digest('hex'), '<s:s>')
  expression.registerFunction(
    'hmac_sha256',
    (key: string, value: string) => createHmac('sha256', key).update(value).digest('hex'),
    '<ss:s>',
  )
  expression.registerFunction('json', readJson, '<s:x>')
}

/** The value of a JSON text; nothing where it is none. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Text with expressions in braces; their values are percent-encoded. */
export function compileTemplate(text: string): Template {
  const parts = text.split(/(\{[^{}]*\})/).filter((part) => part !== '')
  const compiled = parts.map((part): string | Expression =>
    part.startsWith('{') ? compileExpression(part.slice(1, -1)) : part,
  )
  return async (input) => {
    const values = await Promise.all(compiled.map((part) => (typeof part === 'string' ? part : encoded(part, input))))
    return values.join('')
  }
}

async function encoded(expression: Expression, input: object): Promise<string> {
  return encodeURIComponent(String((await expression(input)) ?? ''))
}

function parsed(text: string): jsonata.Expression {
  try {
    return jsonata(text)
  } catch (error) {
    // JSONata throws plain objects with a message and a position.
    const { message, position } = error as { message?: string; position?: number }
    throw new Error(`JSONata cannot read \`${text.trim()}\`: ${message ?? error} (character ${position ?? 0})`)
  }
}

/** JSONata's sequences are arrays with properties of their own; what leaves here is what JSON would say. */
function plain(value: unknown): unknown {
  return Array.isArray(value) && Object.keys(value).length !== value.length ? Array.from(value) : value
}

/** A list, whatever JSONata made of it: one item comes without its list, none as nothing. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value : [value]
}
