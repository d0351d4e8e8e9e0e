/** A mistake in a user's file: data, not an exception, so that all of them can be shown together. */
export interface Problem {
  /** Stable, snake_case: `unknown_key`, `missing_env`, `sql_syntax` … */
  readonly code: string
  readonly severity: 'error' | 'warning'
  /** Path relative to the project folder, with forward slashes. */
  readonly file: string
  /** 1-based; 1:1 when the whole file is meant. */
  readonly line: number
  readonly column: number
  readonly message: string
  /** What to do; may be empty. */
  readonly hint: string
}

/** One line a person can click on: `muster.yaml:3:5 error unknown key "materialise" (did you mean …?)`. */
export function formatProblem({ file, line, column, severity, message, hint }: Problem): string {
  return `${file}:${line}:${column} ${severity}: ${message}${hint ? ` (${hint})` : ''}`
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error')
}
