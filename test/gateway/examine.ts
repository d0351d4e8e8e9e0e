import { expect, vi } from 'vitest'
import { EVENT_TYPES } from '../../src/event/index.ts'
import { decodeRecord, type LogRecord } from '../../src/log/index.ts'
import { flattenRecords } from '../../src/pipeline/flatten-records.ts'
import type { BadInput } from './bad-input.ts'
import type { CollectorProcess } from './collector-process.ts'
import type { Answer } from './http-answer.ts'
import { GOOD_EVENT, requestBytes } from './http-request.ts'
import { exchange } from './raw-client.ts'

/** The source of the good requests between the bad ones. */
export const GOOD_KEY = 'key-good'
export const GOOD_SOURCE = 'good'

interface Count {
  events: number
  rejected: number
}

/** What each source has stored so far. */
export class Stored {
  readonly #counts = new Map<string, Count>()

  of(source: string): Readonly<Count> {
    return this.#counts.get(source) ?? { events: 0, rejected: 0 }
  }

  /** Takes in what came since the last time; every record has to be whole. */
  async update(collector: CollectorProcess): Promise<readonly LogRecord[]> {
    const records = (await collector.newRecords()).map(({ payload }) => decodeRecord(payload))
    expect(
      records.map(faultOf).filter((fault) => fault !== undefined),
      'what is wrong with records',
    ).toEqual([])
    for (const record of records) {
      const source = record.source ?? ''
      const count = this.of(source)
      const member = record.kind === 'event' ? 'events' : 'rejected'
      this.#counts.set(source, { ...count, [member]: count[member] + 1 })
    }
    return records
  }
}

/** Sends the bad input; the answers have to be those expected, whole, and the collector as well as before. */
export async function examine(collector: CollectorProcess, input: BadInput, key: string): Promise<readonly Answer[]> {
  const { answers, end } = await exchange(collector.port, input.script(key))
  await requireHealth(collector)
  expect(end, 'the connection').not.toBe('deadline')
  expect(
    answers.slice(0, input.answers.length).map(({ status }) => status),
    'statuses',
  ).toEqual(input.answers.map(({ statuses }) => expect.toBeOneOf([...statuses])))
  if (!input.script(key).bodiless) for (const answer of answers) requireCivil(answer)
  for (const answer of answers.slice(input.answers.length)) {
    expect([answer.status, isOfParser(answer)], 'an answer to what is no request').toEqual([400, true])
  }
  return answers
}

/** A failure is JSON that names code, message and what to do, and it is the client's. */
export function requireCivil({ status, headers, body }: Answer): void {
  if (status < 400) return
  const text = body.toString()
  expect(status, text).toBeLessThan(500)
  expect(headers.get('content-type'), `type of ${status} ${text}`).toMatch(/^application\/json/)
  expect(JSON.parse(text), `${status} ${text}`).toMatchObject({
    code: expect.stringMatching(/^[a-z_]+$/),
    message: expect.stringMatching(/\w/),
    hint: expect.stringMatching(/\w/),
  })
}

/** The records that a case may have left, by what was answered. */
export function requireStored(stored: Readonly<Count>, input: BadInput, answers: readonly Answer[]): void {
  const least = { events: 0, rejected: 0 }
  const most = { events: 0, rejected: 0 }
  for (const [index, { events, rejected }] of input.answers.entries()) {
    const accepted = answers[index]?.status === 200
    least.events += accepted ? (events ?? 0) : 0
    most.events += accepted ? (events ?? 1) : 0
    least.rejected += accepted ? (rejected ?? 0) : 0
    most.rejected += accepted ? (rejected ?? 1) : 1
  }
  if (input.leaves) most.rejected++
  for (const kind of ['events', 'rejected'] as const) {
    expect(stored[kind], `${kind} stored of "${input.name}", at least`).toBeGreaterThanOrEqual(least[kind])
    expect(stored[kind], `${kind} stored of "${input.name}", at most`).toBeLessThanOrEqual(most[kind])
  }
}

/** A good client is served on a new connection, by a process that nobody has changed. */
export async function requireHealth(collector: CollectorProcess): Promise<void> {
  await vi.waitFor(() => requireService(collector), { timeout: 30_000 })
  expect(collector.running, 'the collector runs').toBe(true)
  expect((await collector.testimony()).polluted, 'members added to all objects').toEqual([])
}

/** Nothing that is stored stops who reads the log: the warehouse can take each record. */
export async function requireLanding(collector: CollectorProcess): Promise<void> {
  for await (const records of collector.allRecords()) {
    const { events, refusals } = await flattenRecords(records, new Date())
    expect(events.length + refusals.length).toBe(records.length)
    expect(refusals.filter(({ reason }) => reason.includes('cannot be landed'))).toEqual([])
  }
}

/** A good request is accepted on a new connection. */
export async function requireService(collector: CollectorProcess): Promise<void> {
  const { answers } = await exchange(collector.port, { bytes: requestBytes(GOOD_KEY, { body: GOOD_EVENT }) })
  expect(answers.map(({ status, body }) => [status, body.toString()])).toEqual([[200, '{"success":true}']])
}

/** What is no request has no answer of its own: the connection is told so, without a date. */
export function isOfParser({ headers }: Answer): boolean {
  return !headers.has('date')
}

/** Plain checks, for there are a hundred thousand records of one case. */
function faultOf(record: LogRecord): string | undefined {
  const { kind, source, receivedAt, requestIp } = record
  if (typeof source !== 'string' || !/^\d{4}-\d\d-\d\dT.*Z$/.test(receivedAt)) return 'it is not whole'
  // Empty where the connection was gone before anybody asked.
  if (!/^[\d.a-f:]*(%\w+)?$/.test(requestIp)) return `it came from "${requestIp}"`
  if (kind === 'erased') return 'nobody was deleted'
  if (kind === 'rejected')
    return record.reason === '' || typeof record.body !== 'string' ? 'it has no reason' : undefined
  const { type, messageId, receivedAt: at, request_ip, userId, anonymousId } = record.event
  if (!EVENT_TYPES.includes(type)) return `its type is "${type}"`
  if (messageId.length === 0 || messageId.length > 512) return `its message id has ${messageId.length} characters`
  if (typeof at !== 'string' || typeof request_ip !== 'string') return 'the gateway has not filled it in'
  if ('writeKey' in record.event) return 'it holds a key, which is for the gateway only'
  return [userId, anonymousId].some(isIdentifier) ? undefined : 'it is an event of nobody'
}

function isIdentifier(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && value.trim() !== '')
}
