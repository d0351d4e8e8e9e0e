/**
 * The line between an SDK and the collector: it takes down what is sent, and a test may trouble it.
 */
import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

type Json = Readonly<Record<string, unknown>>

export interface Exchange {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Unpacked. */
  readonly body: string
  readonly startedAt: number
  /** Of the answer; undefined while there is none, and when the line was cut. */
  status?: number
  endedAt?: number
}

/** An event as an SDK sent it. */
export interface Sent {
  readonly event: Json
  /** What the batch around it says for all. */
  readonly shared: Json
  readonly exchange: Exchange
}

/**
 * pass            as it comes
 * cut             every connection breaks off before the collector hears of it
 * lose answers    the collector gets the request and the client no answer
 * without CORS    answers lose the headers that let pages of other origins read them
 */
export type Mode = 'pass' | 'cut' | 'lose answers' | 'without CORS'

export class RecordingProxy implements AsyncDisposable {
  readonly url: string
  readonly exchanges: Exchange[] = []
  mode: Mode = 'pass'
  readonly #server: Server

  static async start(target: string): Promise<RecordingProxy> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new RecordingProxy(server, target)
  }

  private constructor(server: Server, target: string) {
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on a port, not a path
    this.#server = server
    server.on('request', (incoming, outgoing) => void this.#carry(target, incoming, outgoing))
  }

  /** Events that the collector acknowledged, in the order in which they came. */
  acknowledged(writeKey: string): readonly Sent[] {
    return this.exchanges.filter(({ status }) => status === 200).flatMap((exchange) => eventsOf(exchange, writeKey))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  async #carry(target: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { mode } = this
    if (mode === 'cut') return void incoming.socket.destroy()
    const startedAt = Date.now()
    const { method = '', url: path = '', headers } = incoming
    const sent = await bytesOf(incoming)
    const body = (headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent).toString('utf8')
    const exchange: Exchange = { method, path, headers, body, startedAt }
    this.exchanges.push(exchange)
    const upstream = request(target + path, { method, headers, agent: false })
    upstream.on('error', () => incoming.socket.destroy())
    upstream.end(sent)
    upstream.on('response', async (answer) => {
      const bytes = await bytesOf(answer)
      if (mode === 'lose answers') return void incoming.socket.destroy()
      outgoing.writeHead(answer.statusCode ?? 502, mode === 'without CORS' ? withoutCors(answer) : answer.headers)
      outgoing.end(bytes)
      exchange.status = answer.statusCode ?? 502
      exchange.endedAt = Date.now()
    })
  }
}

function withoutCors({ headers }: IncomingMessage): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('access-control-')))
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function eventsOf(exchange: Exchange, writeKey: string): readonly Sent[] {
  const { method, path, headers, body: text } = exchange
  if (method !== 'POST' || /^\/v1\/m(?:\?|$)/.test(path)) return []
  const body = JSON.parse(text) as Json // every SDK posts an object
  const basic = headers.authorization?.replace(/^Basic /, '')
  const keys = [
    basic && atob(basic).replace(/:.*/, ''),
    body.writeKey,
    new URL(path, 'http://any').searchParams.get('writeKey'),
  ]
  if (!keys.includes(writeKey)) return []
  if (!Array.isArray(body.batch)) return [{ event: body, shared: {}, exchange }]
  const { batch, ...shared } = body
  return body.batch.map((event: Json) => ({ event, shared, exchange }))
}
