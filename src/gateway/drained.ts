import type { IncomingMessage, ServerResponse } from 'node:http'

const MAX_BYTES = 64 * 1024 * 1024
const SILENT_MS = 500

/**
 * Resolves once the rest of a request's body has come and gone. A connection that closes with the answer would otherwise be
 * reset by what still arrives, and the client would never read why it was refused. Gives up on what is endless or silent.
 */
export function drained(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  if (incoming.complete || incoming.destroyed || outgoing.shouldKeepAlive) return Promise.resolve()
  return new Promise((resolve) => {
    let bytes = 0
    let timer = setTimeout(done, SILENT_MS)
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      clearTimeout(timer)
      timer = setTimeout(done, bytes > MAX_BYTES ? 0 : SILENT_MS)
    })
    incoming.once('end', done).once('close', done).once('error', done)
    incoming.resume()

    function done(): void {
      clearTimeout(timer)
      resolve()
    }
  })
}
