import {
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from 'node:http'
import { pipeline } from 'node:stream'
import { MusterError } from '../core/errors.ts'
import { GrowingBytes } from './growing-bytes.ts'
import { plainAddress } from './peer.ts'

/** In it the collector says what it has counted, where the worker is asked for metrics. */
export const COLLECTOR_HEADER = 'x-muster-collector'

/** Of one connection, not of the message (RFC 9110, 7.6.1). */
const OF_CONNECTION = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade', 'expect']

/** What a client could say falsely of itself: the worker takes the peer's address from us alone. */
const OF_PEER = ['forwarded', 'x-forwarded-for', 'x-real-ip', COLLECTOR_HEADER]

const RETRY_AFTER_SECONDS = '1'

/** Passes requests on to the worker's Unix socket, streaming both ways. */
export class WorkerProxy {
  readonly #socketPath: () => string
  readonly #report: () => object
  readonly #eventStreams = new Set<ServerResponse>()

  constructor(socketPath: () => string, report: () => object) {
    this.#socketPath = socketPath
    this.#report = report
  }

  pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    try {
      this.#forward(incoming, outgoing)
    } catch (error) {
      // What Node will not send, such as an odd path, must not end the collector.
      refuse(outgoing, error)
    }
  }

  #forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method, url: path } = incoming
    const peer = plainAddress(incoming.socket.remoteAddress)
    const headers = {
      ...without(incoming.headers, [...OF_CONNECTION, ...OF_PEER]),
      'x-forwarded-for': peer,
      ...(path?.startsWith('/metrics') && { [COLLECTOR_HEADER]: asciiJson(this.#report()) }),
    }
    const upstream = request({ socketPath: this.#socketPath(), method, path, headers, agent: false })
    upstream.on('response', (answer) => this.#answer(answer, outgoing))
    upstream.on('error', (error) => refuse(outgoing, error))
    outgoing.on('close', () => upstream.destroy())
    passBody(incoming, upstream)
  }

  /** Ends the event streams, which go on for as long as their clients like. */
  endStreams(): void {
    for (const outgoing of this.#eventStreams) outgoing.destroy()
  }

  #answer(answer: IncomingMessage, outgoing: ServerResponse): void {
    const { statusCode = 502, statusMessage } = answer
    outgoing.writeHead(statusCode, statusMessage, without(answer.headers, [...OF_CONNECTION, 'transfer-encoding']))
    outgoing.flushHeaders()
    if (answer.headers['content-type']?.startsWith('text/event-stream')) {
      this.#eventStreams.add(outgoing)
      outgoing.on('close', () => this.#eventStreams.delete(outgoing))
    }
    // Whichever side breaks off ends the other; there is nobody left to tell.
    pipeline(answer, outgoing, () => undefined)
  }
}

/** JSON that may stand in a header: a path in it may hold any character. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** A request's body in one piece up to this size. */
const WHOLE_BYTES = 64 * 1024

/**
 * A body of known, modest length goes in one write that also ends the request: ending it apart writes once more, which
 * breaks the pipe when the worker has answered and closed meanwhile.
 */
function passBody(incoming: IncomingMessage, upstream: ClientRequest): void {
  const length = Number(incoming.headers['content-length'] ?? Number.NaN)
  if (!(length > 0 && length <= WHOLE_BYTES)) {
    incoming.pipe(upstream)
    return
  }
  const body = new GrowingBytes()
  incoming.on('data', (chunk: Buffer) => body.add(chunk))
  incoming.on('end', () => upstream.end(body.bytes))
}

function refuse(outgoing: ServerResponse, cause: unknown): void {
  if (outgoing.headersSent || outgoing.destroyed) {
    outgoing.destroy()
    return
  }
  const { code, message, hint } = new MusterError('worker_absent', `the worker does not answer${codeOf(cause)}`)
  outgoing.writeHead(503, { 'content-type': 'application/json', 'retry-after': RETRY_AFTER_SECONDS })
  outgoing.end(JSON.stringify({ code, message, hint }))
}

/** The system's code, and not its message: that names the socket's path. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? ` (${error.code})` : ''
}

function without(headers: OutgoingHttpHeaders, names: readonly string[]): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))
}
