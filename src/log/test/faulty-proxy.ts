import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/**
 * What happens to a request on its way.
 *
 * busy     answered 503 SlowDown, the service never sees it
 * cut      the connection breaks before the service sees it
 * lost     the service does it, and the answer is lost
 * halved   the answer breaks off in the middle of its body
 * damaged  a byte of the request's body is changed
 */
export type Fault = 'busy' | 'cut' | 'lost' | 'halved' | 'damaged'

export interface FaultyProxy {
  readonly origin: string
  /** Asked for each request; absent: all goes well. */
  fault: ((method: string, path: string) => Fault | undefined) | undefined
  /** Method and path of all that came. */
  readonly seen: string[]
}

const BUSY =
  '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>'

/** A proxy before an HTTP service, closed when the test ends. It keeps the Host header, which is signed. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const server = createServer((incoming, outgoing) => {
    void pass(incoming, outgoing)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo // it listens on a port
  const proxy: FaultyProxy = { origin: `http://127.0.0.1:${port}`, fault: undefined, seen: [] }
  return proxy

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = '', url = '' } = incoming
    proxy.seen.push(`${method} ${url}`)
    const fault = proxy.fault?.(method, url)
    const body = await bodyOf(incoming)
    if (fault === 'cut') return void incoming.socket.destroy()
    if (fault === 'busy') return void outgoing.writeHead(503, { 'content-type': 'application/xml' }).end(BUSY)
    if (fault === 'damaged' && body.length > 0) body[0] = (body[0] ?? 0) ^ 1
    const { headers } = incoming
    request(`${target}${url}`, { method, headers }, (answer) => {
      void bodyOf(answer).then((content) => {
        if (fault === 'lost') return incoming.socket.destroy()
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
        if (fault !== 'halved') return outgoing.end(content)
        outgoing.write(content.subarray(0, content.length / 2), () => incoming.socket.destroy())
      })
    }).end(body)
  }
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk)
  return Buffer.concat(chunks)
}
