import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { catalogue, type ErrorCode, MusterError, messageOf } from '../core/errors.ts'
import { failureBody } from './answer-failure.ts'

const CODES: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'request_headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_too_slow',
}

/** Answers what Node's parser cannot read as HTTP, or what does not come to an end, and closes the connection. */
export function answerUnreadable(error: Error & { readonly code?: string }, socket: Answering): void {
  const pending = socket._httpMessage
  if (pending?.req.complete && !pending.headersSent && !socket.destroyed) {
    // An earlier request is owed its own answer first: it may have been kept.
    socket.pause()
    pending.once('close', () => setImmediate(answerUnreadable, error, socket))
    return
  }
  if (!socket.writable || error.code === 'ECONNRESET' || isAnswering(socket)) {
    socket.destroy()
    return
  }
  const code = CODES[error.code ?? ''] ?? 'request_malformed'
  const failure = new MusterError(code, `the request cannot be read as HTTP: ${messageOf(error)}`)
  const { status } = catalogue[code]
  const body = JSON.stringify(failureBody(failure))
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

type Answering = Socket & { readonly _httpMessage?: ServerResponse | null }

/** Whether part of an answer was written: another one would corrupt it. Node's own handler asks the socket the same. */
function isAnswering(socket: Answering): boolean {
  return socket._httpMessage?.headersSent === true
}
