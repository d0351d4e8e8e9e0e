import type { z } from 'zod'
import { at, type Data, put } from './path-edits.ts'
import type { YamlTree } from './yaml-tree.ts'

/** A variable is always text; where the format wants a number or a truth value, its text is read as one. */
export function convertVariables(schema: z.ZodType, tree: YamlTree, data: Data): void {
  for (const issue of schema.safeParse(data).error?.issues ?? []) {
    if (issue.code !== 'invalid_type') continue
    const path = issue.path.filter((part) => typeof part !== 'symbol')
    const value = at(data, path)
    if (typeof value !== 'string' || !tree.fromEnvironment(path)) continue
    if (issue.expected === 'boolean' && /^(true|false)$/.test(value)) put(data, path, value === 'true')
    if ((issue.expected === 'number' || issue.expected === 'int') && /^-?\d+(\.\d+)?$/.test(value))
      put(data, path, Number(value))
  }
}
