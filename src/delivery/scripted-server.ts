import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Exchange } from './cases.ts'

export interface ReceivedRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** A server that answers what it is told, one answer after another, and keeps what it was asked. */
export class ScriptedServer implements AsyncDisposable {
  readonly received: ReceivedRequest[] = []
  readonly #answers: Exchange['response'][]
  readonly #server = createServer(async (incoming, outgoing) => {
    this.received.push(await readRequest(incoming))
    const answer = this.#answers.shift()
    if (!answer || answer.lost) return incoming.socket.destroy()
    const { status, headers, body, text } = answer
    outgoing.writeHead(status, headers)
    return outgoing.end(text ?? (body === undefined ? '' : JSON.stringify(body)))
  })

  constructor(answers: readonly Exchange['response'][]) {
    this.#answers = [...answers]
  }

  /** Listens and gives its URL. */
  listen(): Promise<string> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => {
        const { port } = this.#server.address() as AddressInfo // it listens on a port, not on a pipe
        resolve(`http://127.0.0.1:${port}`)
      })
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

async function readRequest(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer) // a stream without an encoding gives buffers
  const text = Buffer.concat(chunks).toString('utf8')
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]))
  const { method = '', url = '' } = incoming
  return { method, path: url, headers, ...(text !== '' && { body: JSON.parse(text) }) }
}
