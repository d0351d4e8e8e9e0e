import type { Problem } from '../core/problems.ts'
import type { Place } from './project.ts'

/** Where the parts of the reader put what they find, so that all of it is told together. */
export type Report = (...problems: readonly Problem[]) => void

/** A problem of severity error at a place. */
export function problem(code: string, { file, line, column }: Place, message: string, hint = ''): Problem {
  return { code, severity: 'error', file, line, column, message, hint }
}

/** In the order of the files, each problem once. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  const unique = new Map(problems.map((problem) => [JSON.stringify(problem), problem]))
  return [...unique.values()].sort(
    (a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.code, b.code),
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
