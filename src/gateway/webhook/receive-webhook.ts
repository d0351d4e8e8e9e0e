import { MusterError } from '../../core/errors.ts'
import type { RuntimeSignature, RuntimeSource } from '../runtime-config.ts'
import { type Fields, fieldsOf, readBody } from './body.ts'
import { invalid, verifySignature } from './signature.ts'
import type { WebhookMaps } from './webhook-maps.ts'

export interface WebhookRequest {
  readonly method: string
  readonly headers: Headers
  readonly query: URLSearchParams
  /** Unpacked, else untouched: a signature is over these very bytes. */
  readonly body: Uint8Array<ArrayBuffer>
  readonly receivedAt: Date
}

/** Headers that prove who sends; maps do not see them. */
const PRIVATE = new Set(['authorization', 'cookie', 'proxy-authorization'])

/**
 * What a source's map makes of a request: values that may be events, or none. The signature is verified first.
 * @throws MusterError `webhook_absent`, `webhook_signature_invalid`, `request_malformed`, `webhook_map_failed`, `webhook_busy`
 */
export async function receiveWebhook(
  { name, webhook }: RuntimeSource,
  request: WebhookRequest,
  maps: WebhookMaps,
): Promise<readonly unknown[]> {
  if (webhook === undefined) throw new MusterError('webhook_absent', `the source ${name} does not accept webhooks`)
  const { headers, receivedAt } = request
  const query = fieldsOf([...request.query].filter(([key]) => key !== 'writeKey'))
  if (webhook.signature) verify(webhook.signature, request)
  return maps.events({
    source: name,
    map: webhook.map,
    body: await bodyOf(request, query),
    receivedAt: receivedAt.toISOString(),
    headers: Object.fromEntries([...headers].filter(([header]) => !PRIVATE.has(header))),
    query,
  })
}

function verify(signature: RuntimeSignature, { method, body, headers, receivedAt }: WebhookRequest): void {
  // Whoever saw the signature of one empty body could send any query with it.
  if (method === 'GET') throw invalid('a GET request has no body to be signed', 'Send it by POST.')
  verifySignature(signature, body, headers, receivedAt)
}

/** A GET has no body: its query speaks. */
function bodyOf({ method, body, headers }: WebhookRequest, query: Fields): Promise<string> {
  return method === 'GET' ? Promise.resolve(JSON.stringify(query)) : readBody(body, headers.get('content-type'))
}
