/**
 * Traffic: clients that send events of known ids at a steady pace, some of them twice.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Expected, SentEvent } from './expected.ts'

const CLIENTS = 4
const BATCH = 20
const PAUSE_MS = 400
const USERS = 300
const NAMES = ['Order Completed', 'Product Viewed', 'Clicked'] as const
const START = Date.parse('2026-05-01T00:00:00Z')
/** While so many wait to land, nothing new is sent: the kills must not outrun a slow machine for good. */
const MOST_WAITING = 2000
/** A prime, so that timestamps jump about and none comes twice. */
const STRIDE = 7919
const SPAN = 1_000_003

export interface Receiver {
  readonly url: string
  readonly expected: Expected
  /** Records of the log that have landed, as last heard. */
  readonly landedThrough: () => number
}

/** Sends until the signal. */
export async function sendSteadily(to: Receiver, signal: AbortSignal): Promise<void> {
  await Promise.all(Array.from({ length: CLIENTS }, (_, client) => sendAs(client, to, signal)))
}

async function sendAs(client: number, to: Receiver, signal: AbortSignal): Promise<void> {
  for (let next = 0; !signal.aborted; next += BATCH) {
    const fresh = Array.from({ length: BATCH }, (_, index) => eventOf(client, next + index))
    const again = Math.random() < 0.3 ? [eventOf(client, Math.floor(Math.random() * (next + BATCH)))] : []
    await send(to, [...fresh, ...again])
    do await sleep(PAUSE_MS)
    while (to.expected.acknowledged - to.landedThrough() > MOST_WAITING && !signal.aborted)
  }
}

/** Sends a batch until it is acknowledged. */
export async function send({ url, expected }: Receiver, batch: readonly SentEvent[]): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/v1/batch`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('dev-web:')}` },
      body: JSON.stringify({ batch }),
    })
    if (response.status === 200) break
    if (response.status < 500) throw new Error(`expected 200, got ${response.status}: ${await response.text()}`)
    await sleep(PAUSE_MS)
  }
  for (const event of batch) expected.add(event)
}

/** Always the same for the same numbers. */
function eventOf(client: number, n: number): SentEvent {
  const common = {
    messageId: `${client}-${n}`,
    userId: `u${client}-${(n * 31) % USERS}`,
    timestamp: new Date(START + ((n * STRIDE) % SPAN) * 1000 + client).toISOString(),
  }
  if (n % 5 === 0) return { ...common, type: 'identify', traits: traitsOf(n) }
  if (n % 5 === 1) return { ...common, type: 'page', properties: { path: `/${n % 100}` } }
  return { ...common, type: 'track', event: NAMES[n % 3] ?? NAMES[0], properties: { n } }
}

/** Not every trait each time. */
function traitsOf(n: number): Readonly<Record<string, string | number>> {
  return { seen: n, ...(n % 3 === 0 && { plan: `plan ${n}` }), ...(n % 7 === 0 && { city: `city ${n}` }) }
}
