import type { ClockKind } from './functions.ts'

/**
 * The literal that a clock shows at an instant. Sessions run in UTC, so local times are UTC's; only calendar days are
 * cut in the project's time zone.
 */
export function clockLiteral(kind: ClockKind, asOf: Date, timezone: string): string {
  const iso = asOf.toISOString()
  const [day = '', time = ''] = iso.replace('Z', '').split('T')
  switch (kind) {
    case 'instant':
      return `timestamptz '${iso}'`
    case 'date':
      return `date '${calendarDay(asOf, timezone)}'`
    case 'timestamp':
      return `timestamp '${day} ${time}'`
    case 'time':
      return `time '${time}'`
    case 'time_tz':
      return `timetz '${time}+00'`
  }
}

function calendarDay(instant: Date, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]))
  return `${parts.get('year')?.padStart(4, '0')}-${parts.get('month')}-${parts.get('day')}`
}
