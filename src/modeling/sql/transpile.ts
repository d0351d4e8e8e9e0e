import { type Dialect, transpile } from '@polyglot-sql/sdk'
import { MusterError } from '../../core/errors.ts'

export interface Translation {
  readonly sql: string
  readonly from: Dialect
  readonly to: Dialect
}

/**
 * Says a SELECT in another dialect. What `edit` replaces is in that dialect already: `stand` gives a name that stands
 * in for it while the rest is translated.
 */
export function transpileSelect(
  { sql, from, to }: Translation,
  edit: (stand: (text: string) => string) => string,
): string {
  let mark = 'muster_'
  while (sql.toLowerCase().includes(mark)) mark += '_'
  const texts: string[] = []
  const edited = edit((text) => `${mark}${texts.push(text) - 1}`)
  const { success, sql: translated = [], error } = transpile(edited, from, to)
  const [text] = translated
  if (!success || text === undefined || translated.length > 1) {
    throw new MusterError(
      'sql_untranslatable',
      `The SELECT cannot be translated from ${from} to ${to}: ${error ?? 'no result'}.`,
    )
  }
  return text.replace(
    new RegExp(`(["\`]?)${mark}(\\d+)\\1`, 'gi'),
    (_, __, index: string) => texts[Number(index)] ?? '',
  )
}
