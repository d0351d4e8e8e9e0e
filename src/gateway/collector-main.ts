import { pino } from 'pino'
import { systemEffects } from '../core/effects.ts'
import { MusterError, messageOf } from '../core/errors.ts'
import { type CollectorOptions, startCollector } from './collector.ts'

/**
 * The collector's process: `node collector-main.js '<CollectorOptions as JSON>'`, started by a supervisor over IPC.
 * It drains on SIGTERM and SIGINT, and when the supervisor is gone: the next one needs the port and the log.
 */
async function main(): Promise<void> {
  const logger = pino({ name: 'collector', level: process.env.MUSTER_LOG ?? 'warn' }, pino.destination(2))
  const stop = stopRequest()
  try {
    // The supervisor made this text of the same interface.
    const settings = JSON.parse(process.argv[2] ?? '') as Omit<CollectorOptions, 'effects' | 'logger' | 'signal'>
    const collector = await startCollector({ ...settings, effects: systemEffects, logger })
    process.send?.({ type: 'ready', url: collector.url, port: collector.port })
    await stop
    await collector.close()
  } catch (error) {
    const { code, message, hint } = error instanceof MusterError ? error : new MusterError('internal', messageOf(error))
    process.send?.({ type: 'failed', code, message, hint })
    // The supervisor tells what it is told; only what nobody expects needs its stack.
    if (!(error instanceof MusterError)) logger.error({ err: error, code }, message)
    process.exitCode = 1
  }
  // An open channel would keep the process alive.
  if (process.connected) process.disconnect()
}

function stopRequest(): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(event, () => resolve())
  })
}

await main()
