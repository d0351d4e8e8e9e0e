/**
 * Vendor client: requests of one destination, under its limits, with its retries.
 */
import PQueue from 'p-queue'
import type { Logger } from 'pino'
import type { Effects } from '../core/effects.ts'
import { messageOf } from '../core/errors.ts'
import type { Answer, Refusal, VendorResponse } from './answer.ts'
import { refusalOf, unansweredRefusal } from './classify.ts'
import type { Connector } from './connector.ts'
import type { Options } from './delivery.ts'
import type { Expression } from './expressions.ts'
import { privateAddress } from './private-address.ts'
import { readResponse } from './read-response.ts'
import { redactor } from './redact.ts'
import { backoffMs, retryAfterMs } from './retry-delay.ts'
import { secretsOf } from './settings.ts'

export interface VendorRequest {
  /** Not sent again when nobody knows whether it had an effect: a second one would have it twice. */
  readonly once?: boolean
  readonly method: string
  /** Behind the API's version; begins with a slash. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Made anew for each attempt, so that what must not repeat does not. */
  readonly body?: () => Promise<unknown>
}

export interface VendorClientInput {
  readonly connector: Connector
  readonly settings: Options
  readonly baseUrl: string
  readonly allowPrivate: boolean
  readonly effects: Effects
  readonly logger: Logger
}

const ATTEMPTS = 5
/** Beyond this a wait is not worth holding an apply for: the rows are planned again next time. */
const LONGEST_WAIT_MS = 120_000

export class VendorClient {
  readonly #input: VendorClientInput
  readonly #turns: PQueue
  readonly #redact: (text: string) => string
  /** No request starts before this: one throttled answer slows all down. */
  #quietUntil = 0

  constructor(input: VendorClientInput) {
    this.#input = input
    const { concurrency, calls_per_second: cap } = input.connector.manifest.limits
    this.#turns = new PQueue({ concurrency, ...(cap !== undefined && { intervalCap: cap, interval: 1000 }) })
    this.#redact = redactor(secretsOf(input.connector.manifest, input.settings))
  }

  /** Never rejects for what the vendor or the network does. */
  send(request: VendorRequest, signal?: AbortSignal): Promise<Answer> {
    return this.#turns.add(() => this.#attempts(request, signal))
  }

  async #attempts(request: VendorRequest, signal: AbortSignal | undefined): Promise<Answer> {
    const { effects } = this.#input
    let doubtful = false
    for (let attempt = 1; ; attempt += 1) {
      if (signal?.aborted) return refused(stopped(doubtful ? 'in_doubt' : 'failed'))
      const quiet = this.#quietUntil - effects.now().getTime()
      if (quiet > 0) await effects.sleep(quiet, signal).catch(() => {}) // an abort shows at the next turn
      if (signal?.aborted) continue
      const { answer, waitMs } = await this.#attempt(request, signal)
      if (answer.ok || answer.refusal.outcome === 'delivered') return answer
      doubtful ||= answer.refusal.outcome === 'in_doubt'
      const delay = waitMs ?? backoffMs(attempt, effects.random())
      const unsafe = request.once === true && answer.refusal.outcome === 'in_doubt'
      if (unsafe || !answer.refusal.retry || attempt === ATTEMPTS || delay > LONGEST_WAIT_MS) {
        return refused(settled(answer.refusal, doubtful, delay))
      }
      if (waitMs !== undefined) this.#quietUntil = Math.max(this.#quietUntil, effects.now().getTime() + waitMs)
      this.#log(request, answer.refusal, attempt, delay)
      await effects.sleep(delay, signal).catch(() => {}) // likewise
    }
  }

  async #attempt(
    request: VendorRequest,
    signal: AbortSignal | undefined,
  ): Promise<{ answer: Answer; waitMs?: number | undefined }> {
    const { connector, effects } = this.#input
    const url = await this.#url(request)
    const blocked = await this.#blocked(url)
    if (blocked) return { answer: refused(blocked) }
    const body = request.body && JSON.stringify(await request.body())
    let response: VendorResponse
    try {
      response = await this.#fetch(request.method, url, body, signal)
    } catch (error) {
      if (signal?.aborted) return { answer: refused(stopped('in_doubt')) }
      return { answer: this.#redacted(unansweredRefusal(error, url.host)) }
    }
    const refusal = await refusalOf(connector, response)
    if (!refusal) return { answer: { ok: true, response } }
    return {
      answer: this.#redacted(refusal),
      waitMs: retryAfterMs(response, effects.now()) ?? (await this.#asked(response)),
    }
  }

  async #fetch(
    method: string,
    url: URL,
    body: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<VendorResponse> {
    const { connector, settings, effects } = this.#input
    const timeout = AbortSignal.timeout(connector.manifest.limits.timeout_seconds * 1000)
    const response = await effects.fetch(url, {
      method,
      redirect: 'manual', // a redirect could lead to a private address, and no API of ours redirects
      headers: {
        accept: 'application/json',
        'user-agent': 'Muster',
        ...authorization(connector, settings),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body }),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    })
    return readResponse(response)
  }

  async #url({ path, query }: VendorRequest): Promise<URL> {
    const { connector, settings, baseUrl } = this.#input
    const { version, auth } = connector.manifest
    const url = new URL(`${baseUrl.replace(/\/$/, '')}/${version}${path}`)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    const common = await evaluateQuery(connector.program.query, { settings })
    for (const [name, value] of Object.entries(common)) url.searchParams.set(name, value)
    if (auth.kind === 'query') url.searchParams.set(auth.name, String(settings[auth.token] ?? ''))
    return url
  }

  async #blocked(url: URL): Promise<Refusal | undefined> {
    if (this.#input.allowPrivate) return undefined
    try {
      const address = await privateAddress(url.hostname)
      if (address === undefined) return undefined
      const message = `${url.host} is the private address ${address}: requests go to public ones only.`
      return { outcome: 'failed', code: 'private_address', message, retry: false }
    } catch (error) {
      return unansweredRefusal(error, url.host)
    }
  }

  /** Milliseconds the vendor asks to wait in its own way. */
  async #asked(response: VendorResponse): Promise<number | undefined> {
    const seconds = await this.#input.connector.program.wait?.(response)
    return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined
  }

  #redacted(refusal: Refusal): Answer {
    return refused({ ...refusal, message: this.#redact(refusal.message) })
  }

  #log({ method, path }: VendorRequest, { code, message }: Refusal, attempt: number, delayMs: number): void {
    const { connector, logger } = this.#input
    logger.warn(
      { connector: connector.name, method, path, code, attempt, delayMs: Math.round(delayMs) },
      `${message} Trying again.`,
    )
  }
}

/** Parameters that have a value. */
export async function evaluateQuery(
  query: Readonly<Record<string, Expression>>,
  input: object,
): Promise<Readonly<Record<string, string>>> {
  const entries: [string, string][] = []
  for (const [name, expression] of Object.entries(query)) {
    const value = await expression(input)
    if (value !== undefined && value !== null) entries.push([name, String(value)])
  }
  return Object.fromEntries(entries)
}

function authorization({ manifest: { auth } }: Connector, settings: Options): Record<string, string> {
  switch (auth.kind) {
    case 'bearer':
      return { authorization: `Bearer ${settings[auth.token] ?? ''}` }
    case 'basic':
      return {
        authorization: `Basic ${Buffer.from(`${auth.user}:${settings[auth.password] ?? ''}`).toString('base64')}`,
      }
    case 'query':
      return {}
  }
}

function refused(refusal: Refusal): Answer {
  return { ok: false, refusal }
}

/** An earlier attempt without an answer may have had its effect, whatever the last one says. */
function settled(refusal: Refusal, doubtful: boolean, delayMs: number): Refusal {
  const waits = refusal.retry && delayMs > LONGEST_WAIT_MS
  const message = waits ? `${refusal.message} It asks to wait ${Math.ceil(delayMs / 60_000)} minutes.` : refusal.message
  return { ...refusal, message, outcome: doubtful && refusal.outcome === 'failed' ? 'in_doubt' : refusal.outcome }
}

function stopped(outcome: 'failed' | 'in_doubt'): Refusal {
  return {
    outcome,
    code: 'stopped',
    message: `Stopped ${outcome === 'failed' ? 'before it was sent' : 'while it was under way'}.`,
    retry: false,
  }
}

/** What an unexpected failure is recorded as, when its rows may have left. */
export function faultRefusal(error: unknown): Refusal {
  return { outcome: 'in_doubt', code: 'internal', message: messageOf(error), retry: false }
}
