import type { Context, ErrorHandler } from 'hono'
import type { Effects } from '../core/effects.ts'
import { catalogue, type ErrorCode, MusterError } from '../core/errors.ts'
import type { Logger } from './logger.ts'

const RETRY_AFTER_SECONDS = '2'
const QUIET_MS = 10_000

/** Answers with the failure's status, code, message and hint. Our own failures are logged, one of a kind every 10 s. */
export function failureAnswerer(logger: Logger, effects: Effects): ErrorHandler {
  const logged = new Map<ErrorCode, number>()
  return (error, context) => {
    const failure = error instanceof MusterError ? error : unexpected(error)
    const now = effects.now().getTime()
    if (catalogue[failure.code].status >= 500 && now - (logged.get(failure.code) ?? 0) >= QUIET_MS) {
      logged.set(failure.code, now)
      logger.error({ err: failure, code: failure.code }, failure.message)
    }
    return answer(context, failure)
  }
}

function answer(context: Context, { code, message, hint }: MusterError): Response {
  const { status } = catalogue[code]
  if (status === 503) context.header('retry-after', RETRY_AFTER_SECONDS)
  return context.json({ success: false, code, message, hint }, status)
}

function unexpected(cause: unknown): MusterError {
  return new MusterError('internal', 'the collector failed unexpectedly', { hint: 'Send again.', cause })
}
