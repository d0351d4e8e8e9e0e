import type { YAMLError } from 'yaml'
import type { Problem } from '../core/problems.ts'
import { unmask } from './environment-text.ts'
import type { Place } from './project.ts'
import { problem } from './report.ts'

/** What the parser says in its own words, in ours where those are not clear. */
const MESSAGES: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  TAB_AS_INDENT: ['a tab cannot indent YAML', 'use spaces'],
  RESOURCE_EXHAUSTION: ['this is nested too deeply to be read', ''],
  MULTIPLE_DOCS: ['`---` begins a second document', 'keep one document a file'],
  BAD_INDENT: ['the indentation does not fit, or a `[` or `{` before it is not closed', 'align it with its neighbours'],
  MISSING_CHAR: ['a character is missing', 'close the quote or bracket, put `:` and a space after a key'],
  MULTILINE_IMPLICIT_KEY: ['a key must be on one line, with `:` and a space after it', ''],
  BLOCK_AS_IMPLICIT_KEY: ['a `:` is not expected here', 'put a text that holds `: ` in quotes'],
}

interface Syntax {
  readonly problems: readonly Problem[]
  /** Whether the nodes are what was written. */
  readonly usable: boolean
}

/** The parser's errors, one a line: those after the first of a line follow from it. */
export function syntaxProblems(
  document: { readonly errors: readonly YAMLError[]; readonly warnings: readonly YAMLError[] },
  text: string,
  placeAt: (offset: number) => Place,
): Syntax {
  const byLine = new Map<number, Problem>()
  for (const error of [...document.errors, ...document.warnings]) {
    const place = placeAt(Math.min(error.pos[0], text.length))
    if (!byLine.has(place.line)) byLine.set(place.line, syntaxProblem(error, text, place))
  }
  return { problems: [...byLine.values()], usable: document.errors.every(({ code }) => code === 'DUPLICATE_KEY') }
}

function syntaxProblem({ code, message, pos }: YAMLError, text: string, place: Place): Problem {
  if (code === 'DUPLICATE_KEY') {
    const key = /^[\w.-]+/.exec(text.slice(pos[0]))?.[0] ?? ''
    return problem('duplicate_key', place, `key \`${key}\` is here twice`, 'keep one of them')
  }
  if (code === 'BAD_ALIAS') return problem('yaml_alias', place, unmask(message), 'write the part out here')
  const [own, hint] = MESSAGES[code] ?? [unmask(message), '']
  return problem('yaml_syntax', place, own, hint)
}
