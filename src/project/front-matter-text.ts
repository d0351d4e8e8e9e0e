/**
 * Front matter: the settings of an SQL file, as YAML between lines of `---` in its leading comment.
 */
import { lineIndex } from './line-index.ts'
import { problem, type Report } from './report.ts'

export interface SqlText {
  /** YAML at the very lines and columns it has in the file; undefined when there is none, or none that can be read. */
  readonly frontMatter: string | undefined
  /** What comes after the leading comment; undefined when that has no end. */
  readonly body: string | undefined
}

const OPENING = /^\s*\/\*[ \t]*---[ \t]*(?:\r?\n|$)/
const OPENING_ANYWHERE = /^[ \t]*\/\*[ \t]*---[ \t]*\r?$/m
/** Settings on the line of `/* ---`, where they would be taken for a mere comment. */
const CRAMPED = /^\s*\/\*[ \t]*---(?!-)[ \t]*\w+:[ \t]/
const CLOSING = /(?:^|\n)[ \t]*---[ \t\r\n]*$/

/** Parts an SQL file into its front matter and its SELECT. */
export function splitSql(text: string, file: string, report: Report): SqlText {
  const { placeAt } = lineIndex(text, file)
  const fail: Fail = (offset, message, hint) => report(problem('front_matter', placeAt(offset), message, hint))
  const opening = OPENING.exec(text)?.[0]
  if (opening === undefined) {
    checkMisplaced(text, fail)
    return { frontMatter: undefined, body: text }
  }
  const end = text.indexOf('*/', opening.length)
  if (end < 0) {
    fail(text.indexOf('/*'), 'the leading comment is not closed', 'end it with a line `--- */`')
    return { frontMatter: undefined, body: undefined }
  }
  const yaml = closedYaml(text.slice(opening.length, end), opening.length, end, fail)
  const frontMatter = yaml === undefined ? undefined : blank(opening) + yaml
  return { frontMatter, body: text.slice(end + 2) }
}

type Fail = (offset: number, message: string, hint: string) => void

function checkMisplaced(text: string, fail: Fail): void {
  if (CRAMPED.test(text)) {
    fail(text.indexOf('/*'), '`/* ---` has its settings on the lines below it', 'begin a new line after `---`')
    return
  }
  const elsewhere = OPENING_ANYWHERE.exec(text)
  if (!elsewhere) return
  fail(elsewhere.index, 'settings stand before everything else in the file', 'move this comment to the top')
}

/** The inside of the leading comment up to its line `---`. */
function closedYaml(inner: string, start: number, end: number, fail: Fail): string | undefined {
  const nested = inner.indexOf('/*')
  const closing = CLOSING.exec(inner)
  if (nested >= 0) fail(start + nested, '`/*` cannot stand inside the leading comment', STARS)
  else if (!closing) fail(end, '`*/` ends the leading comment here, before a line `---`', STARS)
  else return inner.slice(0, closing.index)
  return undefined
}

const STARS = 'close it with a line `--- */`; write schedules as `15m` or `1d`, not as cron'

/** Blanks of the same lines and columns. */
function blank(text: string): string {
  return text.replace(/[^\r\n]/g, ' ')
}

/** Whether SQL says nothing: only blanks, comments and semicolons. */
export function isEmptySql(sql: string): boolean {
  let depth = 0
  for (let at = 0; at < sql.length; at++) {
    const two = sql.slice(at, at + 2)
    if (two === '/*' || (two === '*/' && depth > 0)) {
      depth += two === '/*' ? 1 : -1
      at++
    } else if (depth === 0 && two === '--') {
      const end = sql.indexOf('\n', at)
      if (end < 0) return true
      at = end
    } else if (depth === 0 && !/[\s;]/.test(sql.charAt(at))) return false
  }
  return true
}
