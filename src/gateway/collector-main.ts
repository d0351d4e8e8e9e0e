import { pino } from 'pino'
import { systemEffects } from '../core/effects.ts'
import { MusterError, messageOf } from '../core/errors.ts'
import { type CollectorOptions, startCollector } from './collector.ts'

/** The collector's process: `node collector-main.js '<CollectorOptions as JSON>'`, started by the supervisor. */
async function main(): Promise<void> {
  const logger = pino({ name: 'collector', level: process.env.MUSTER_LOG ?? 'warn' }, pino.destination(2))
  const stop = new AbortController()
  // A supervisor that died cannot stop us any more, and the next one needs port and log.
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(event, () => stop.abort())
  try {
    // The supervisor made this text of the same interface.
    const settings = JSON.parse(process.argv[2] ?? '') as Omit<CollectorOptions, 'effects' | 'logger' | 'signal'>
    const { url, port, close } = await startCollector({
      ...settings,
      effects: systemEffects,
      logger,
      signal: stop.signal,
    })
    // The channel to the supervisor would keep a drained process alive.
    stop.signal.addEventListener('abort', () => void close().finally(() => process.exit()))
    process.send?.({ type: 'ready', url, port })
  } catch (error) {
    const { code, message, hint } = error instanceof MusterError ? error : new MusterError('internal', messageOf(error))
    process.send?.({ type: 'failed', code, message, hint })
    logger.error({ err: error, code }, message)
    process.exitCode = 1
  }
}

await main()
