import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import PQueue from 'p-queue'
import type { Effects } from '../core/effects.ts'
import { MusterError } from '../core/errors.ts'
import { packageVersion } from '../core/package-root.ts'
import { EVENT_TYPES, type EventType } from '../event/index.ts'
import type { LogWriter } from '../log/index.ts'
import { asFailure, failureAnswerer } from './answer-failure.ts'
import { BodyBudget } from './body-budget.ts'
import type { Refusal } from './collect.ts'
import { type Counters, newCounters } from './counters.ts'
import { mountDocs } from './docs.ts'
import { drained } from './drained.ts'
import type { Logger } from './logger.ts'
import { PIXEL } from './pixel.ts'
import { type Call, collect, collectPixel, collectWebhook } from './request.ts'
import { mountSdkDocuments } from './sdk-documents.ts'
import type { Sources } from './sources.ts'
import type { WebhookMaps } from './webhook/index.ts'

export interface GatewayOptions {
  readonly log: Pick<LogWriter, 'append'>
  /** Those of the configuration in force; undefined until there has been one. */
  readonly sources: () => Sources | undefined
  readonly effects: Effects
  readonly logger: Logger
  /** Run the maps of webhooks. */
  readonly maps: WebhookMaps
  readonly counters?: Counters
}

/** The connection is there when Node's server calls. */
export type GatewayEnv = { Bindings: HttpBindings }

/** What a path's body holds: one event of the type, or a batch. Segment's browser SDK writes single letters. */
const CALLS: readonly (readonly [path: string, call: Call])[] = [
  ...[...EVENT_TYPES, 'batch' as const].map((call) => [`/v1/${call}`, call] as const),
  ['/v1/i', 'identify'],
  ['/v1/t', 'track'],
  ['/v1/p', 'page'],
  ['/v1/s', 'screen'],
  ['/v1/g', 'group'],
  ['/v1/a', 'alias'],
  ['/v1/b', 'batch'],
  ['/v1/import', 'batch'],
  ['/beacon/v1/batch', 'batch'],
]

const PIXELS: readonly EventType[] = ['track', 'page']

const SUCCESS = JSON.stringify({ success: true })
const JSON_TYPE = { 'content-type': 'application/json' } as const
const MAX_REFUSALS_SHOWN = 20
const MAX_BODIES_BYTES = 64 * 1024 * 1024
const MAX_UNPACKING = 8
const PREFLIGHT_SECONDS = 900

/** HTTP collection, as the SDKs of Segment and RudderStack speak it. A 200 means that the events are durable. */
export function createGateway(options: GatewayOptions): Hono<GatewayEnv> {
  const gateway = {
    counters: newCounters(),
    bodies: new BodyBudget(MAX_BODIES_BYTES),
    unpacking: new PQueue({ concurrency: MAX_UNPACKING }),
    ...options,
  }
  const app = new Hono<GatewayEnv>({ strict: false })
  const anyOrigin = cors({
    origin: (origin) => origin,
    credentials: true,
    exposeHeaders: ['Retry-After', 'X-Muster-Refused'],
    maxAge: PREFLIGHT_SECONDS,
  })
  for (const path of ['/v1/*', '/beacon/*', '/pixel/*', '/sourceConfig/*']) {
    // Servers send no origin, and setting headers is a good part of the work on a small request.
    app.use(path, (context, next) =>
      context.env.incoming.headers.origin === undefined ? next() : anyOrigin(context, next),
    )
  }
  mountSdkDocuments(app, options)
  mountDocs(app)
  app.get('/health', (context) => health(context, options.sources))
  app.get('/version', (context) => context.json({ name: 'muster', version: packageVersion() }))
  for (const [path, call] of CALLS)
    app.post(path, async (context) => success(context, await collect(context, call, gateway)))
  app.on(['GET', 'POST'], '/v1/webhook', async (context) => success(context, await collectWebhook(context, gateway)))
  for (const type of PIXELS) {
    app.get(`/pixel/v1/${type}`, async (context) => {
      // A picture is all that a page can show, whatever became of the event: it tells programs in a header.
      const collected = context.req.method === 'HEAD' ? undefined : collectPixel(context, type, gateway)
      const refusal = await collected?.then(() => undefined, asFailure)
      if (refusal !== undefined) context.header('x-muster-refused', refusal.code)
      return context.body(PIXEL, 200, { 'content-type': 'image/gif', 'cache-control': 'no-store' })
    })
  }
  app.notFound(async (context) => {
    await drained(context.env.incoming, context.env.outgoing)
    const message = `${context.req.method} ${context.req.path} collects nothing`
    return context.json(
      { success: false, code: 'not_found', message, hint: 'POST to /v1/track, /v1/batch and their like.' },
      404,
    )
  })
  app.onError(failureAnswerer(options.logger, options.effects))
  return app
}

function success(context: Context, refused: readonly Refusal[]): Response {
  if (refused.length === 0) return context.body(SUCCESS, 200, JSON_TYPE)
  return context.json({ success: true, refused: refused.slice(0, MAX_REFUSALS_SHOWN), refusedCount: refused.length })
}

/** Whether events are taken now. */
function health(context: Context<GatewayEnv>, sources: GatewayOptions['sources']): Response {
  if (sources() === undefined) throw new MusterError('collector_starting', 'the collector has no configuration yet')
  return context.json({ status: 'ok' })
}
