/** Holds a file's data against its format. */
import { z } from 'zod'
import { convertTexts } from './convert-texts.ts'
import { issueProblems } from './issue-problems.ts'
import { at, type Data, remove } from './path-edits.ts'
import type { Report } from './report.ts'
import type { Path, YamlTree } from './yaml-tree.ts'

/**
 * The file's settings. What does not fit the format is reported and left out, so that the rest is checked too; `required`
 * stands for what every file must say. Values that wait for a variable are left out in silence: the caller reports those.
 */
export function checkFormat<T>(schema: z.ZodType<T>, tree: YamlTree, required: Data, report: Report): T {
  const data: Data = structuredClone({ ...tree.data })
  convertTexts(schema, tree, data)
  const first = parse(schema, data)
  if (first.success) return first.data
  const known = z.toJSONSchema(schema, { io: 'input' })
  if (tree.parsed) report(...first.error.issues.flatMap((issue) => issueProblems(issue, tree, known)))
  return withoutMistakes(schema, { ...required, ...data }, required, first.error.issues)
}

/** Empty messages tell our own words, set in the format, from the library's. */
const SILENT = { error: () => '' }

function parse<T>(schema: z.ZodType<T>, data: Data) {
  return schema.safeParse(data, SILENT)
}

/** Takes away what the issues name until nothing is amiss; each round takes something or gives up on everything. */
function withoutMistakes<T>(schema: z.ZodType<T>, data: Data, required: Data, issues: readonly z.core.$ZodIssue[]): T {
  for (const issue of issues) {
    for (const path of mistakenPaths(issue)) remove(data, existing(data, path))
  }
  const repaired = parse(schema, { ...required, ...data })
  if (repaired.success) return repaired.data
  const progress = repaired.error.issues.some((issue) =>
    mistakenPaths(issue).some((path) => existing(data, path).length > 0),
  )
  return progress ? withoutMistakes(schema, data, required, repaired.error.issues) : schema.parse(required)
}

function mistakenPaths(issue: z.core.$ZodIssue): readonly Path[] {
  const path = pathOf(issue)
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path]
}

/** The path, or the nearest part around a value that is missing. */
function existing(data: Data, path: Path): Path {
  return path.length === 0 || at(data, path) !== undefined ? path : existing(data, path.slice(0, -1))
}

function pathOf({ path }: z.core.$ZodIssue): Path {
  return path.map((part) => (typeof part === 'symbol' ? String(part) : part))
}
