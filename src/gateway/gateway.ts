import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import type { Effects } from '../core/effects.ts'
import { MusterError, messageOf } from '../core/errors.ts'
import { EVENT_TYPES, type EventType } from '../event/index.ts'
import type { LogWriter } from '../log/index.ts'
import { failureAnswerer } from './answer-failure.ts'
import { batchEvents } from './batch.ts'
import { type Collected, collectEvents, rejectedEntry } from './collect.ts'
import { type Counters, newCounters } from './counters.ts'
import type { Logger } from './logger.ts'
import { clientAddress } from './peer.ts'
import { parseObject, readText } from './request-body.ts'
import type { RuntimeConfig } from './runtime-config.ts'
import { sentWriteKey, sourceOfKey } from './write-key.ts'

export interface GatewayOptions {
  readonly log: Pick<LogWriter, 'append'>
  /** The configuration in force; undefined until there has been one. */
  readonly config: () => RuntimeConfig | undefined
  readonly effects: Effects
  readonly logger: Logger
  readonly counters?: Counters
}

/** The connection is there when Node's server calls. */
export type GatewayEnv = { Bindings: Partial<HttpBindings> }

type Call = EventType | 'batch'

/** What a path's body holds: one event of the type, or a batch. Segment's browser SDK writes single letters. */
const CALLS: readonly (readonly [path: string, call: Call])[] = [
  ...[...EVENT_TYPES, 'batch' as const].flatMap((call) => [
    [`/v1/${call}`, call] as const,
    [`/v1/${call.charAt(0)}`, call] as const,
  ]),
  ['/v1/import', 'batch'],
  ['/beacon/v1/batch', 'batch'],
]

const MAX_REFUSALS_SHOWN = 20
const PREFLIGHT_SECONDS = 900

/** HTTP collection, as the SDKs of Segment and RudderStack speak it. A 200 means that the events are durable. */
export function createGateway(options: GatewayOptions): Hono<GatewayEnv> {
  const gateway = { counters: newCounters(), ...options }
  const app = new Hono<GatewayEnv>({ strict: false })
  const anyOrigin = cors({ origin: (origin) => origin, credentials: true, maxAge: PREFLIGHT_SECONDS })
  for (const path of ['/v1/*', '/beacon/*']) {
    // Servers send no origin, and setting headers is a good part of the work on a small request.
    app.use(path, (context, next) => (context.req.header('origin') === undefined ? next() : anyOrigin(context, next)))
  }
  app.get('/health', (context) => context.json({ status: 'ok' }))
  for (const [path, call] of CALLS) app.post(path, (context) => collect(context, call, gateway))
  app.notFound((context) => {
    const message = `${context.req.method} ${context.req.path} collects nothing`
    return context.json({ success: false, message, hint: 'POST to /v1/track, /v1/batch and their like.' }, 404)
  })
  app.onError(failureAnswerer(options.logger, options.effects))
  return app
}

async function collect(context: Context<GatewayEnv>, call: Call, gateway: Required<GatewayOptions>): Promise<Response> {
  const { config: inForce, log, counters } = gateway
  counters.requests++
  const config = inForce()
  if (config === undefined) throw new MusterError('collector_starting', 'the collector has no configuration yet')
  const { entries, refused } = await readEvents(context, call, config, gateway)
  await log.append(entries)
  counters.bytes += entries.reduce((sum, { payload }) => sum + payload.length, 0)
  counters.events += entries.length - refused.length
  counters.rejected += refused.length
  if (refused.length === 0) return context.json({ success: true })
  return context.json({ success: true, refused: refused.slice(0, MAX_REFUSALS_SHOWN), refusedCount: refused.length })
}

/** A request that is refused as a whole becomes a record too, once it is known whose it is. */
async function readEvents(
  { req, env }: Context<GatewayEnv>,
  call: Call,
  config: RuntimeConfig,
  { log, effects, counters }: Required<GatewayOptions>,
): Promise<Collected> {
  const receivedAt = effects.now().toISOString()
  const requestIp = clientAddress(req.header('x-forwarded-for'), env?.incoming?.socket.remoteAddress)
  const writeKey = sentWriteKey(req.header('authorization'), req.query('writeKey'))
  const maxBytes = config.limits.maxRequestBytes
  let source: string | undefined
  let text = ''
  try {
    if (writeKey !== undefined) source = sourceOfKey(config, writeKey)
    text = await readText(req.raw, maxBytes)
    const body = parseObject(text)
    source ??= sourceOfKey(config, typeof body.writeKey === 'string' ? body.writeKey : undefined)
    const events = call === 'batch' ? batchEvents(body) : [body]
    const type = call === 'batch' ? undefined : call
    return collectEvents(events, { source, receivedAt, requestIp }, { type, id: effects.id, maxBytes })
  } catch (error) {
    counters.rejected++
    if (source !== undefined)
      await log.append([rejectedEntry(messageOf(error), text, { source, receivedAt, requestIp })])
    throw error
  }
}
