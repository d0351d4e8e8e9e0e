/**
 * Failures: what the machine could not do, which may be tried again, and what the statement asked for in vain.
 */
import pg from 'pg'
import { MusterError, messageOf } from '../../core/errors.ts'

/** Classes of SQLSTATE that say nothing about the statement: connection, rollback, resources, operator, system. */
const OF_THE_MACHINE: ReadonlySet<string> = new Set(['08', '40', '53', '55', '57', '58', 'F0', 'XX'])

/** Classes whose detail quotes rows: data exceptions and broken constraints. */
const OF_VALUES: ReadonlySet<string> = new Set(['22', '23'])

export const LOCK_NOT_AVAILABLE = '55P03'
export const DEADLOCK = '40P01'
export const FEATURE_NOT_SUPPORTED = '0A000'

/** The SQLSTATE of what the server answered. */
export function sqlStateOf(error: unknown): string | undefined {
  const cause = error instanceof MusterError ? error.cause : error
  return cause instanceof pg.DatabaseError ? cause.code : undefined
}

/** `warehouse_refused`, `warehouse_busy` or `warehouse_failed`, with what the server says; errors of our own stay. */
export function engineError(error: unknown, sql = ''): unknown {
  if (error instanceof MusterError || !(error instanceof Error)) return error
  if (!(error instanceof pg.DatabaseError)) {
    // Whatever else the driver throws is about the connection, but for our own rows that cannot be iterated.
    return isOfConnection(error) ? new MusterError('warehouse_failed', wordsOf(error), { cause: error }) : error
  }
  const { code = '', position } = error
  const cause = withoutValues(error)
  const detail = OF_VALUES.has(code.slice(0, 2)) ? undefined : error.detail
  const words = [cause.message, detail, placeIn(sql, Number(position))].filter((part) => part).join(' · ')
  return new MusterError(kindOf(code), words, { cause })
}

function kindOf(code: string): 'warehouse_busy' | 'warehouse_failed' | 'warehouse_refused' {
  if (code === LOCK_NOT_AVAILABLE) return 'warehouse_busy'
  return OF_THE_MACHINE.has(code.slice(0, 2)) ? 'warehouse_failed' : 'warehouse_refused'
}

/** What the server says, less the values of rows, which are somebody's; a value with a place is the statement's own. */
function withoutValues({ name, code, severity, position, message, length }: pg.DatabaseError): pg.DatabaseError {
  const ofRow = code?.startsWith('22') && position === undefined
  const words = ofRow ? message.replace(/".*"/s, '"…"') : message
  return Object.assign(new pg.DatabaseError(words, length, name), { code, severity, position })
}

/** Line and column of a position that counts characters from 1. */
function placeIn(sql: string, position: number): string {
  if (!(position > 0) || sql === '') return ''
  const before = Array.from(sql)
    .slice(0, position - 1)
    .join('')
    .split('\n')
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
}

const CONNECTION =
  /^(Connection terminated|Client has encountered|timeout exceeded|Client was closed|Query read timeout)/

function isOfConnection(error: Error): boolean {
  return 'syscall' in error || 'errors' in error || CONNECTION.test(error.message)
}

/** An AggregateError of several addresses has no message of its own. */
function wordsOf(error: Error): string {
  if (!(error instanceof AggregateError)) return messageOf(error)
  return error.errors.map(messageOf).join('; ')
}
