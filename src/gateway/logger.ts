import type { Logger as PinoLogger } from 'pino'

/** The part of pino's logger that collection uses. */
export type Logger = Pick<PinoLogger, 'info' | 'warn' | 'error'>
