/**
 * Classifies what is not a success: by the vendor's codes that the manifest declares, else by HTTP's.
 */
import { messageOf } from '../core/errors.ts'
import type { Refusal, VendorResponse } from './answer.ts'
import type { Connector } from './connector.ts'
import { listOf } from './expressions.ts'
import type { Manifest, VendorError } from './manifest.ts'

/** Nothing when the response is a success. */
export async function refusalOf(
  { manifest, program }: Connector,
  response: VendorResponse,
): Promise<Refusal | undefined> {
  const { status, body, text } = response
  const codes = listOf(await program.errorCodes(response)).map(String)
  const success = status >= 200 && status < 300
  if (success && codes.length === 0) return undefined
  const says = String((await program.errorMessage(response)) ?? '') || text
  const known = codes.map((code) => declaredError(manifest, code, says)).find((error) => error !== undefined)
  const code = codes[0] ?? `http_${status}`
  if (known) return { ...known, status }
  return { ...byStatus(success ? 400 : status), code, message: sentence(says, `HTTP ${status}`), status }

  function sentence(vendor: string, otherwise: string): string {
    if (vendor !== '') return quoted(manifest.title, vendor)
    return `${manifest.title} answered ${otherwise}${body === undefined ? '' : ` ${JSON.stringify(body).slice(0, 200)}`}.`
  }
}

/** What the manifest declares of a code, with the vendor's own words behind its sentence. */
export function declaredError(
  { errors, title }: Manifest,
  code: string,
  says: string,
): Pick<Refusal, 'outcome' | 'code' | 'message' | 'retry'> | undefined {
  const entries = Object.entries(errors).filter(([name, error]) => (error.code ?? name) === code)
  const [name, error] =
    entries.find(([, { says: part }]) => part !== undefined && says.includes(part)) ??
    entries.find(([, { says: part }]) => part === undefined) ??
    []
  if (name === undefined || !error) return undefined
  return { outcome: error.outcome, retry: error.retry, code: name, message: withWords(error, title, says) }
}

function withWords({ message }: VendorError, title: string, says: string): string {
  return says === '' ? message : `${message} ${quoted(title, says)}`
}

/** The vendor's own words as a whole sentence. */
export function quoted(title: string, says: string): string {
  return `${title} says: ${says}${/[.!?]$/.test(says) ? '' : '.'}`
}

function byStatus(status: number): Pick<Refusal, 'outcome' | 'retry'> {
  if (status === 429 || status === 503) return { outcome: 'failed', retry: true }
  if (status >= 500) return { outcome: 'in_doubt', retry: true }
  return { outcome: 'failed', retry: false }
}

/** Failures to connect: the request certainly did not arrive. */
const UNSENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** A request without an answer: failed when it certainly never arrived, else in doubt. */
export function unansweredRefusal(error: unknown, host: string): Refusal {
  const code = causeCode(error)
  if (code !== undefined && UNSENT.has(code)) {
    return {
      outcome: 'failed',
      code: 'unreachable',
      message: `${host} cannot be reached (${code}).`,
      retry: true,
    }
  }
  const timeout = error instanceof DOMException && error.name === 'TimeoutError'
  return {
    outcome: 'in_doubt',
    code: timeout ? 'timeout' : 'connection_lost',
    message: timeout
      ? `${host} did not answer in time.`
      : `The connection to ${host} broke: ${code ?? messageOf(error)}.`,
    retry: true,
  }
}

function causeCode(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code
    if (at instanceof AggregateError) return causeCode(at.errors[0])
  }
  return undefined
}
