import type { IncomingHttpHeaders } from 'node:http'
import type { Context } from 'hono'
import type PQueue from 'p-queue'
import { type ErrorCode, MusterError } from '../core/errors.ts'
import type { EventType, JsonObject } from '../event/index.ts'
import { admit, limitRate } from './admission.ts'
import { asFailure } from './answer-failure.ts'
import { batchEvents } from './batch.ts'
import type { BodyBudget } from './body-budget.ts'
import { collectEvents, keepable, type Refusal, rejectedEntry } from './collect.ts'
import type { GatewayEnv, GatewayOptions } from './gateway.ts'
import { pixelEvent } from './pixel.ts'
import { parseObject, readBody, textOf, unpackBody } from './request-body.ts'
import type { Source, Sources } from './sources.ts'
import { receiveWebhook } from './webhook/index.ts'
import { sentWriteKey } from './write-key.ts'

/** What a body holds: one event of the type, or a batch. */
export type Call = EventType | 'batch'

/** What collecting needs besides the request. */
export interface Gateway extends Required<Omit<GatewayOptions, 'logger'>> {
  readonly bodies: BodyBudget
  /** Small bodies may unpack to large ones: only few at a time. */
  readonly unpacking: PQueue
}

/** A request while it is read. What is known of it by then is what the record of its refusal says. */
interface Reading {
  readonly context: Context<GatewayEnv>
  readonly gateway: Gateway
  readonly sources: Sources
  readonly receivedAt: string
  readonly requestIp: string
  /** Undefined until a write key was found. */
  source: Source | undefined
  /** As it came. */
  sent: Buffer
  /** Unpacked, or its text, or what the text means: whatever is known last. */
  body: Buffer | string | JsonObject
}

const NOTHING = Buffer.alloc(0)

/** Takes the events of a POST, and returns those it refused, once all are durable. */
export function collect(context: Context<GatewayEnv>, call: Call, gateway: Gateway): Promise<readonly Refusal[]> {
  return keepingRefusals(context, gateway, (reading) =>
    withBody(reading, (bytes) => {
      const text = textOf(bytes)
      reading.body = text
      const body = parseObject(text)
      reading.body = body
      const { writeKey } = body
      const source = sourceOf(reading, typeof writeKey === 'string' ? writeKey : undefined)
      requireUnsigned(source)
      const { maxRequestBytes } = reading.sources.config.limits
      return call === 'batch'
        ? store(reading, source, { events: batchEvents(body, maxRequestBytes) })
        : store(reading, source, { events: [body], type: call, text })
    }),
  )
}

/** Takes the event that a pixel's query says. */
export function collectPixel(
  context: Context<GatewayEnv>,
  type: EventType,
  gateway: Gateway,
): Promise<readonly Refusal[]> {
  return keepingRefusals(context, gateway, async (reading) => {
    const { search, searchParams } = new URL(context.req.url)
    reading.body = search
    const event = pixelEvent(type, searchParams, reading.receivedAt)
    const source = sourceOf(reading, undefined)
    requireUnsigned(source)
    return store(reading, source, { events: [event], type })
  })
}

/** Takes the events that the map of a source makes of a webhook. A body that it makes none of is kept as refused. */
export function collectWebhook(context: Context<GatewayEnv>, gateway: Gateway): Promise<readonly Refusal[]> {
  return keepingRefusals(context, gateway, (reading) =>
    withBody(reading, async (bytes) => {
      const { req } = context
      const { search, searchParams: query } = new URL(req.url)
      const source = sourceOf(reading, undefined)
      reading.body = req.method === 'GET' ? search : textOf(bytes)
      const request = { method: req.method, headers: req.raw.headers, query, body: new Uint8Array(bytes) }
      const receivedAt = new Date(reading.receivedAt)
      try {
        const events = await receiveWebhook(source, { ...request, receivedAt }, gateway.maps)
        if (events.length > 0) return await store(reading, source, { events })
        return await keepUnmapped(reading, source, 'the map makes no event of it')
      } catch (error) {
        const { code, message } = asFailure(error)
        if (code !== 'webhook_map_failed' || source.onInvalid === 'reject') throw error
        return await keepUnmapped(reading, source, message)
      }
    }),
  )
}

async function keepUnmapped(reading: Reading, source: Source, reason: string): Promise<readonly Refusal[]> {
  await keep(reading, source, reason)
  return [{ index: 0, reason }]
}

/** A key stands in pages and addresses; the source of signed webhooks must not be open to whoever has seen it. */
function requireUnsigned({ name, webhook }: Source): void {
  if (webhook?.signature === undefined) return
  const message = `the source ${name} takes signed webhooks only`
  throw new MusterError('webhook_signature_invalid', message, { hint: 'Give your SDK a source of its own.' })
}

/** Runs `work`; what it refuses becomes a record, once it is known whose it is. */
async function keepingRefusals<T>(
  context: Context<GatewayEnv>,
  gateway: Gateway,
  work: (reading: Reading) => Promise<T>,
): Promise<T> {
  gateway.counters.requests++
  const sources = gateway.sources()
  if (sources === undefined) throw new MusterError('collector_starting', 'the collector has no configuration yet')
  // Node's headers as they are: making a Headers object of them is a good part of the work on a small request.
  const { headers, socket, url = '' } = context.env.incoming
  const requestIp = sources.proxies.clientOf(socket.remoteAddress, forwardedFor(headers))
  const receivedAt = gateway.effects.now().toISOString()
  const reading: Reading = {
    context,
    gateway,
    sources,
    receivedAt,
    requestIp,
    source: undefined,
    sent: NOTHING,
    body: '',
  }
  try {
    const queried = url.includes('?') ? context.req.query('writeKey') : undefined
    const writeKey = sentWriteKey(headers.authorization, queried)
    if (writeKey !== undefined) sourceOf(reading, writeKey)
    return await work(reading)
  } catch (error) {
    await keepRefusal(asFailure(error), reading)
    throw error
  }
}

function forwardedFor(headers: IncomingHttpHeaders): string | undefined {
  const sent = headers['x-forwarded-for']
  return Array.isArray(sent) ? sent.join(',') : sent
}

/** The source found already, else that of the key; it must take requests of this page. */
function sourceOf(reading: Reading, writeKey: string | undefined): Source {
  if (reading.source !== undefined) return reading.source
  const { origin, referer } = reading.context.env.incoming.headers
  const source = reading.sources.ofKey(writeKey)
  admit(source, { origin, referer })
  reading.source = source
  return source
}

/** Runs `work` with the request's body, unpacked. */
async function withBody<T>(reading: Reading, work: (bytes: Buffer) => Promise<T>): Promise<T> {
  const { context, gateway, sources } = reading
  const { bodies, unpacking } = gateway
  const { maxRequestBytes: maxBytes } = sources.config.limits
  const sent = await readBody(context.env.incoming, { maxBytes, budget: bodies })
  let held = sent.length
  try {
    reading.sent = sent
    reading.body = sent
    const encoding = context.env.incoming.headers['content-encoding']
    const bytes = encoding === undefined ? sent : await unpacking.add(() => unpackBody(sent, encoding, maxBytes))
    if (bytes !== sent) {
      bodies.take(bytes.length, held)
      held += bytes.length
    }
    return await work(bytes)
  } finally {
    bodies.give(held)
  }
}

/** The events of a request: one of the path's type, with its text, or several that say their types themselves. */
interface Sent {
  readonly events: Iterable<unknown>
  readonly type?: EventType | undefined
  readonly text?: string | undefined
}

/** Appends a request's events to the log; resolves once they are durable. */
async function store(
  { gateway, sources, receivedAt, requestIp }: Reading,
  source: Source,
  { events, type, text }: Sent,
): Promise<readonly Refusal[]> {
  const { log, effects, counters } = gateway
  const { entries, refused, suppressed } = collectEvents(
    events,
    { source: source.name, receivedAt, requestIp },
    {
      type,
      id: effects.id,
      maxBytes: sources.config.limits.maxRequestBytes,
      maxEventBytes: source.maxEventBytes,
      text,
      suppressions: sources.suppressions,
    },
  )
  const [first] = refused
  if (first !== undefined && source.onInvalid === 'reject') {
    throw new MusterError('event_refused', type === undefined ? `batch[${first.index}]: ${first.reason}` : first.reason)
  }
  limitRate(source, entries.length, effects.now().getTime())
  if (entries.length > 0) await log.append(entries)
  counters.bytes += entries.reduce((sum, { payload }) => sum + payload.length, 0)
  counters.events += entries.length - refused.length
  counters.rejected += refused.length
  counters.suppressed += suppressed
  return refused
}

/** After these the client has what it sent and was told; anybody could fill the log with records of the others. */
const KEPT: ReadonlySet<ErrorCode> = new Set([
  'request_malformed',
  'request_too_large',
  'event_refused',
  'webhook_map_failed',
])

async function keepRefusal({ code, message }: MusterError, reading: Reading): Promise<void> {
  const { gateway, source } = reading
  if (source !== undefined && KEPT.has(code)) return keep(reading, source, message)
  const { turnedAway } = gateway.counters
  turnedAway[code] = (turnedAway[code] ?? 0) + 1
}

/** Keeps a request that is refused as a whole. Refusals count for the rate of a source, too: they take disk. */
async function keep(reading: Reading, source: Source, reason: string): Promise<void> {
  const { gateway, receivedAt, requestIp } = reading
  limitRate(source, 1, gateway.effects.now().getTime())
  await gateway.log.append([rejectedEntry(reason, keptText(reading), { source: source.name, receivedAt, requestIp })])
  gateway.counters.rejected++
}

/** What is unpacked or escaped to many times of what was sent is kept as it was sent. */
const MAX_SWELLING = 8
const ALWAYS_KEPT_BYTES = 64 * 1024

function keptText({ sources, sent, body }: Reading): string {
  if (typeof body === 'object' && !Buffer.isBuffer(body)) return keepable(body, sources.suppressions)
  const text = typeof body === 'string' ? body : ''
  const swollen = JSON.stringify(text).length > MAX_SWELLING * sent.length + ALWAYS_KEPT_BYTES
  return typeof body === 'string' && !swollen ? body : `base64:${sent.toString('base64')}`
}
