import type { Problem } from '../core/problems.ts'
import { PLAIN_DOLLAR } from './environment-text.ts'
import { problem } from './report.ts'
import type { Missing } from './yaml-tree.ts'

/** The problem of a value whose variables are not set. */
export function missingProblem({ names, place }: Missing): Problem {
  const several = names.length > 1
  const list = names.map((name) => `\`${name}\``).join(', ')
  const message = `environment variable${several ? 's' : ''} ${list} ${several ? 'have' : 'has'} no value`
  return problem('missing_env', place, message, `set ${several ? 'them' : 'it'}, or ${PLAIN_DOLLAR}`)
}
