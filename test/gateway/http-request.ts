/**
 * Requests as bytes: what `fetch` and node:http refuse to send has to be written by hand.
 */

type Body = Buffer | string

/** What differs from the request of a good client. */
export interface RequestParts {
  readonly method?: string
  readonly target?: string
  readonly version?: string
  /** Whole header lines, in Latin-1, without their line ends; sent after those of a good client. */
  readonly headers?: readonly string[]
  /** Without what a good client sends of this name. */
  readonly without?: readonly GoodHeader[]
  /** Made when it is sent, where it is large. */
  readonly body?: Body | (() => Body)
}

type GoodHeader = 'host' | 'authorization' | 'connection' | 'content-length'

/** An event that every endpoint of one event accepts. */
export const GOOD_EVENT = '{"type":"track","event":"Seen","userId":"u1"}'

export function basic(user: string): string {
  return `Basic ${Buffer.from(`${user}:`).toString('base64')}`
}

/** POSTs a good event to /v1/track with the key, on a connection that ends with the answer, but for `parts`. */
export function requestBytes(key: string, parts: RequestParts = {}): Buffer {
  const { method = 'POST', target = '/v1/track', version = 'HTTP/1.1', headers = [], without = [] } = parts
  const body = Buffer.from(bodyOf(parts))
  const good: Readonly<Record<GoodHeader, string>> = {
    host: 'Host: collector.example',
    authorization: `Authorization: ${basic(key)}`,
    connection: 'Connection: close',
    'content-length': `Content-Length: ${body.length}`,
  }
  // The names are the keys of `good`.
  const kept = (Object.keys(good) as GoodHeader[]).filter((name) => !without.includes(name)).map((name) => good[name])
  const head = [`${method} ${target} ${version}`, ...kept, ...headers, '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head, 'latin1'), body])
}

/** As `requestBytes`, with the body as the one chunk it is sent in, or as the bytes given. */
export function chunkedBytes(key: string, chunks: Body, parts: RequestParts = {}): Buffer {
  const headers = ['Transfer-Encoding: chunked', ...(parts.headers ?? [])]
  return requestBytes(key, { ...parts, headers, without: ['content-length', ...(parts.without ?? [])], body: chunks })
}

/** A body in chunks of so many bytes. */
export function inChunks(body: Body, size: number): Buffer {
  const bytes = Buffer.from(body)
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) {
    const chunk = bytes.subarray(at, at + size)
    chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'))
  }
  return Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')])
}

function bodyOf({ method = 'POST', body }: RequestParts): Body {
  if (body === undefined) return method === 'POST' ? GOOD_EVENT : ''
  return typeof body === 'function' ? body() : body
}
