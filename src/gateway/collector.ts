import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Effects } from '../core/effects.ts'
import { catalogue, MusterError, messageOf } from '../core/errors.ts'
import { type LogStats, type LogWriter, openLogWriter, type TornTail } from '../log/index.ts'
import { failureBody } from './answer-failure.ts'
import { answerUnreadable } from './answer-unreadable.ts'
import { ConfigFollower } from './config-follower.ts'
import { type Counters, newCounters } from './counters.ts'
import { createGateway } from './gateway.ts'
import type { Logger } from './logger.ts'
import { isLoopback } from './peer.ts'
import { WorkerProxy } from './proxy.ts'
import { SegmentCloser } from './segment-closer.ts'
import { WebhookMaps } from './webhook/index.ts'

export interface CollectorOptions {
  /** Of the log. */
  readonly dir: string
  readonly archivedThrough?: number
  readonly maxDiskBytes: number
  /** The runtime configuration, which the worker writes. */
  readonly runtimeFile: string
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** The worker's, until a runtime configuration names it. */
  readonly socketPath: string
  readonly effects: Effects
  readonly logger: Logger
  /** Closes the collector when it aborts. */
  readonly signal?: AbortSignal | undefined
}

export interface Collector {
  readonly url: string
  readonly port: number
  /** Stops accepting, answers what is under way, closes the log. */
  close(): Promise<void>
}

/** What `GET /internal/collector` answers, to this machine only. */
export interface CollectorReport {
  readonly requests: number
  readonly events: number
  readonly rejected: number
  readonly suppressed: number
  /** Requests answered with a failure and not kept, by its code. */
  readonly turnedAway: Readonly<Record<string, number>>
  readonly bytes: number
  readonly appends: number
  readonly fsyncs: number
  readonly head: number
  readonly segments: number
  readonly diskBytes: number
  readonly lastError: string | null
}

const COLLECTION = /^\/(?:v1|beacon|pixel|sourceConfig|docs|health|version|internal\/collector)(?:[/?]|$)/
/** Headers by which proxies say whom they ask for. */
const FORWARDING = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via']
/** Proxies and load balancers reuse connections for a minute or so: ours must not be the first to close. */
const KEEP_ALIVE_MS = 75_000
/** A client that sends slower than this holds a connection for nothing. */
const HEADERS_MS = 20_000
const REQUEST_MS = 60_000
/** Cookies of a whole domain come along with each request of its pages. */
const MAX_HEADER_BYTES = 64 * 1024
const DRAIN_MS = 5_000

const SERVER: ServerOptions = {
  keepAliveTimeout: KEEP_ALIVE_MS,
  headersTimeout: HEADERS_MS,
  requestTimeout: REQUEST_MS,
  maxHeaderSize: MAX_HEADER_BYTES,
  // Old clients and health checks name none, and nothing here depends on it.
  requireHostHeader: false,
}

/**
 * Starts HTTP collection into the log in `dir`, of which it is the only writer; all other paths go to the worker.
 * @throws MusterError `port_busy`, `project_locked`, `folder_unwritable`, `log_corrupt`
 */
export async function startCollector(options: CollectorOptions): Promise<Collector> {
  const { dir, archivedThrough, maxDiskBytes, host, port, effects, logger, signal } = options
  const onTornTail = (torn: TornTail) =>
    logger.warn(
      torn,
      `cut ${torn.bytes} bytes that a crash left half written; the log goes on with record ${torn.next}`,
    )
  const log = await openLogWriter({
    dir,
    ...(archivedThrough !== undefined && { archivedThrough }),
    maxDiskBytes,
    effects,
    onTornTail,
  })
  const follower = new ConfigFollower(options.runtimeFile, logger)
  const closer = new SegmentCloser(log, dir, { effects, logger })
  const counters = newCounters()
  const maps = new WebhookMaps()
  const report = () => reportOf(counters, log.stats())
  const proxy = new WorkerProxy(() => follower.sources?.config.socketPath ?? options.socketPath, report)
  const listener = requestListener({ log, follower, proxy, maps, counters, report }, options)
  const server = createServer(SERVER, listener)
  // What else a client expects is no reason to refuse it.
  server.on('checkExpectation', listener)
  server.on('clientError', answerUnreadable)
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= shutDown(server, { log, follower, proxy, maps, closer })
    return closing
  }
  try {
    const bound = await listen(server, host, port)
    signal?.addEventListener('abort', () => void close(), { once: true })
    if (signal?.aborted) await close()
    return { url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`, port: bound, close }
  } catch (error) {
    await close()
    throw error
  }
}

type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => void

interface Parts {
  readonly log: LogWriter
  readonly follower: ConfigFollower
  readonly proxy: WorkerProxy
  readonly maps: WebhookMaps
  readonly counters: Counters
  readonly report: () => CollectorReport
}

function requestListener(
  { log, follower, proxy, maps, counters, report }: Parts,
  { effects, logger }: CollectorOptions,
): Listener {
  const app = createGateway({ log, sources: () => follower.sources, effects, logger, maps, counters })
  app.get('/internal/collector', ({ env, json, notFound }) => {
    if (!isOfThisMachine(env.incoming)) return notFound()
    return json(report())
  })
  const collect = getRequestListener(app.fetch, { hostname: 'localhost', errorHandler: unreadableRequest })
  return (incoming, outgoing) => {
    const url = originForm(incoming.url ?? '/')
    const known = follower.sources?.paths.known(url) ?? url
    if (COLLECTION.test(known)) incoming.url = known
    // For others than this machine there is nothing else: the gateway says so.
    else if (isOfThisMachine(incoming)) return proxy.pass(incoming, outgoing)
    collect(incoming, outgoing).catch((error: unknown) =>
      logger.error({ err: error }, 'a request could not be answered'),
    )
  }
}

/** Whoever is forwarded comes from elsewhere, also where the proxy is on this machine. */
function isOfThisMachine({ headers, socket }: IncomingMessage): boolean {
  return isLoopback(socket.remoteAddress) && FORWARDING.every((name) => headers[name] === undefined)
}

/** A target without scheme and host, with which some proxies ask (RFC 9112, 3.2.2). */
function originForm(url: string): string {
  if (url.startsWith('/')) return url
  const path = url.replace(/^https?:\/\/[^/?#]*/i, '')
  return path === '' ? '/' : path
}

function reportOf(
  counters: Counters,
  { head, segments, diskBytes, appends, syncs, lastError }: LogStats,
): CollectorReport {
  return { ...counters, appends, fsyncs: syncs, head, segments, diskBytes, lastError }
}

/** The answer to what is HTTP and yet no request, such as a Host that is none. */
function unreadableRequest(error: unknown): Response {
  const failure = new MusterError('request_malformed', `the request cannot be read: ${messageOf(error)}`)
  return Response.json(failureBody(failure), { status: catalogue.request_malformed.status })
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(notListening(host, port, error)))
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function notListening(host: string, port: number, cause: Error): MusterError {
  const code = 'code' in cause ? cause.code : ''
  if (code === 'EADDRINUSE') return new MusterError('port_busy', `port ${port} of ${host} is in use`, { cause })
  if (code === 'EACCES') {
    const hint = 'Ports below 1024 need privileges: choose another with --port or PORT.'
    return new MusterError('port_busy', `this user may not listen on port ${port} of ${host}`, { hint, cause })
  }
  return new MusterError('port_busy', `cannot listen on port ${port} of ${host}: ${messageOf(cause)}`, { cause })
}

type Closing = Pick<Parts, 'log' | 'follower' | 'proxy' | 'maps'> & { readonly closer: SegmentCloser }

async function shutDown(server: Server, { log, follower, proxy, maps, closer }: Closing): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    proxy.endStreams()
  })
  clearTimeout(timer)
  follower.close()
  await maps[Symbol.asyncDispose]()
  await closer[Symbol.asyncDispose]()
  await log.close()
}
