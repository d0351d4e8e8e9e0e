import { type Logger, pino } from 'pino'

/** Lines of JSON on stderr; warnings and worse unless MUSTER_LOG names another level. */
export function createLogger(part: string): Logger {
  return pino(
    { name: `muster-${part}`, level: process.env.MUSTER_LOG ?? 'warn' },
    pino.destination({ dest: 2, sync: true }),
  )
}
