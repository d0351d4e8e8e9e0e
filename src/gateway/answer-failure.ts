import type { Context, ErrorHandler } from 'hono'
import type { Effects } from '../core/effects.ts'
import { catalogue, type ErrorCode, MusterError } from '../core/errors.ts'
import { TurnedAway } from './admission.ts'
import { drained } from './drained.ts'
import type { GatewayEnv } from './gateway.ts'
import type { Logger } from './logger.ts'

const RETRY_AFTER_SECONDS = 2
const QUIET_MS = 10_000

/** Answers with the failure's status, code, message and hint. Our own failures are logged, one of a kind every 10 s. */
export function failureAnswerer(logger: Logger, effects: Effects): ErrorHandler<GatewayEnv> {
  const logged = new Map<ErrorCode, number>()
  return async (error, context) => {
    await drained(context.env.incoming, context.env.outgoing)
    const failure = asFailure(error)
    const now = effects.now().getTime()
    if (catalogue[failure.code].status >= 500 && now - (logged.get(failure.code) ?? 0) >= QUIET_MS) {
      logged.set(failure.code, now)
      logger.error({ err: failure, code: failure.code }, failure.message)
    }
    return answer(context, failure)
  }
}

/** Anything thrown, as a failure with a code. */
export function asFailure(error: unknown): MusterError {
  if (error instanceof MusterError) return error
  return new MusterError('internal', 'the collector failed unexpectedly', { hint: 'Send again.', cause: error })
}

function answer(context: Context, failure: MusterError): Response {
  const { status } = catalogue[failure.code]
  if (status === 503 || status === 429) {
    const seconds = failure instanceof TurnedAway ? failure.retryAfterSeconds : RETRY_AFTER_SECONDS
    context.header('retry-after', String(seconds))
  }
  return context.json(failureBody(failure), status)
}

/** What clients are told of a failure. */
export function failureBody({ code, message, hint }: Pick<MusterError, 'code' | 'message' | 'hint'>): object {
  return { success: false, code, message, hint }
}
