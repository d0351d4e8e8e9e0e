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
  /** `bench` when absent. */
  readonly writeKey?: string
}

export interface PacedResult extends LoadResult {
  /** Answered with anything else, or not at all. */
  readonly failed: number
  readonly slowest: number
}

const OK = 'HTTP/1.1 200'

function requestBytes({ path, body, writeKey = 'bench' }: Load): Buffer {
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Basic ${btoa(`${writeKey}:`)}\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

function percentile99(latencies: readonly number[]): number {
  return latencies.toSorted((a, b) => a - b)[Math.floor(latencies.length * 0.99)] ?? 0
}

/**
 * Sends one request after the other on each connection, over plain sockets: an HTTP client would cost more than the
 * server under measurement. Throws when anything but 200 comes back.
 */
export async function httpLoad(load: Load): Promise<LoadResult> {
  const { port, connections, milliseconds } = load
  const request = requestBytes(load)
  const latencies: number[] = []
  const began = performance.now()
  const until = began + milliseconds
  await Promise.all(Array.from({ length: connections }, () => keepSending(port, request, until, latencies)))
  const seconds = (performance.now() - began) / 1000
  return { requests: latencies.length, perSecond: latencies.length / seconds, p99: percentile99(latencies) }
}

/**
 * Sends at a steady rate, whatever the answers do: a request that has to wait for the one before on its connection has waited
 * since it was due, which its latency says.
 */
export async function pacedLoad(load: Load & { readonly perSecond: number }): Promise<PacedResult> {
  const { connections, milliseconds, perSecond } = load
  const request = requestBytes(load)
  const latencies: number[] = []
  const began = performance.now()
  const every = (1000 * connections) / perSecond
  const failures = await Promise.all(
    Array.from({ length: connections }, (_, place) =>
      keepPace(
        load.port,
        request,
        { first: began + (place * 1000) / perSecond, every, until: began + milliseconds },
        latencies,
      ),
    ),
  )
  const seconds = (performance.now() - began) / 1000
  return {
    requests: latencies.length,
    perSecond: latencies.length / seconds,
    p99: percentile99(latencies),
    slowest: latencies.reduce((a, b) => Math.max(a, b), 0),
    failed: failures.reduce((sum, count) => sum + count, 0),
  }
}

interface Pace {
  readonly first: number
  readonly every: number
  readonly until: number
}

/** Gives the number of failed requests; a connection that breaks ends there. */
function keepPace(port: number, request: Buffer, { first, every, until }: Pace, latencies: number[]): Promise<number> {
  return new Promise((resolve) => {
    let due = first
    let failed = 0
    const socket = connect(port, '127.0.0.1', wait)
    socket.setNoDelay(true)
    socket.on('error', () => end(1))
    socket.on('close', () => end(1))
    socket.on('data', (answer) => {
      if (answer.subarray(0, OK.length).equals(Buffer.from(OK))) latencies.push(performance.now() - due)
      else failed++
      due += every
      if (due >= until) return end(0)
      wait()
    })

    function wait(): void {
      const pause = due - performance.now()
      if (pause > 1) setTimeout(() => socket.write(request), pause)
      else socket.write(request)
    }
    function end(broken: number): void {
      socket.removeAllListeners('close').destroy()
      resolve(failed + broken)
    }
  })
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
