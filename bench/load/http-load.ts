import { connect, type Socket } from 'node:net'

export interface LoadResult {
  /** Answered with 200. */
  readonly requests: number
  readonly perSecond: number
  /** Milliseconds. */
  readonly p99: number
}

export interface Load {
  readonly port: number
  readonly path: string
  readonly body: string
  readonly connections: number
  readonly milliseconds: number
}

const OK = 'HTTP/1.1 200'

/**
 * Sends one request after the other on each connection, over plain sockets: an HTTP client would cost more than the
 * server under measurement. Throws when anything but 200 comes back.
 */
export async function httpLoad({ port, path, body, connections, milliseconds }: Load): Promise<LoadResult> {
  const request = Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Basic ${btoa('bench:')}\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
  const latencies: number[] = []
  const began = performance.now()
  const until = began + milliseconds
  await Promise.all(Array.from({ length: connections }, () => keepSending(port, request, until, latencies)))
  const seconds = (performance.now() - began) / 1000
  const sorted = latencies.sort((a, b) => a - b)
  const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? 0
  return { requests: latencies.length, perSecond: latencies.length / seconds, p99 }
}

function keepSending(port: number, request: Buffer, until: number, latencies: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let sent = 0
    const socket: Socket = connect(port, '127.0.0.1', send)
    socket.setNoDelay(true)
    socket.on('error', reject)
    socket.on('data', (answer) => {
      if (!answer.subarray(0, OK.length).equals(Buffer.from(OK))) return fail(answer)
      const now = performance.now()
      latencies.push(now - sent)
      if (now < until) return send()
      socket.end()
      resolve()
    })

    function send(): void {
      sent = performance.now()
      socket.write(request)
    }
    function fail(answer: Buffer): void {
      socket.destroy()
      reject(new Error(`expected ${OK}, got ${answer.toString('latin1').slice(0, 400)}`))
    }
  })
}
