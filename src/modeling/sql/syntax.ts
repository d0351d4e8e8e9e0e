import { nearest } from '../../project/suggest.ts'
import type { Finding } from './checks.ts'

/** What the parser says, in words that help. */
export function syntaxFinding(sql: string, { message, offset }: { message: string; offset: number }): Finding {
  if (/E_GUARD|call stack/i.test(message)) {
    const hint = 'Break it up: steps in WITH, long lists of OR as IN, deep calls in several columns.'
    return { code: 'sql_syntax', offset, message: 'The statement nests too deeply to be read.', hint }
  }
  const at = /^(?:[\p{L}\p{N}_$]+|\S)/u.exec(sql.slice(offset))?.[0]
  const said = message
    .replace(/^\w+ error at line \d+, column \d+: /, '')
    .replace(/ near \[[\s\S]*$/, '')
    .replace(/^Invalid expression \/ /, '')
  return {
    code: 'sql_syntax',
    offset,
    message: `The SQL cannot be read${at === undefined ? '' : ` at \`${at}\``}: ${said}.`,
    hint: firstWordHint(sql) ?? 'Look just before it: a comma, a bracket or an operator too many or too few.',
  }
}

function firstWordHint(sql: string): string | undefined {
  const word = /^(?:\s|--[^\n]*|\/\*[\s\S]*?\*\/)*(\p{L}+)/u.exec(sql)?.[1]?.toLowerCase()
  if (word === undefined) return undefined
  const meant = nearest(word, ['select', 'with', 'from'])
  return meant === undefined || meant === word ? undefined : `Did you mean \`${meant}\`?`
}
