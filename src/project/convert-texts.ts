import type { z } from 'zod'
import { at, type Data, put } from './path-edits.ts'
import type { YamlTree } from './yaml-tree.ts'

/** Reads what is text for want of knowing better, such as a variable, as the number or truth value the format wants. */
export function convertTexts(schema: z.ZodType, tree: YamlTree, data: Data): void {
  for (const issue of schema.safeParse(data).error?.issues ?? []) {
    if (issue.code !== 'invalid_type') continue
    const path = issue.path.filter((part) => typeof part !== 'symbol')
    const value = at(data, path)
    if (typeof value !== 'string' || !tree.convertible(path)) continue
    const converted = convert(value, issue.expected)
    if (converted !== undefined) put(data, path, converted)
  }
}

function convert(text: string, expected: string): number | boolean | undefined {
  if (expected === 'boolean' && /^(true|false)$/.test(text)) return text === 'true'
  const isNumber = (expected === 'number' || expected === 'int') && /^[-+]?\d+(\.\d*)?(e[-+]?\d+)?$/i.test(text)
  return isNumber ? Number(text) : undefined
}
