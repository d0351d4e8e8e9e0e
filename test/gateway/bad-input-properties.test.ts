import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EVENT_TYPES } from '../../src/event/index.ts'
import type { LogRecord } from '../../src/log/index.ts'
import { words } from './bad-input.ts'
import { CollectorProcess, WEBHOOK } from './collector-process.ts'
import { damagedRequest } from './damage.ts'
import { GOOD_KEY, GOOD_SOURCE, isOfParser, requireCivil, requireHealth, requireLanding, Stored } from './examine.ts'
import type { Answer } from './http-answer.ts'
import { GOOD_EVENT, requestBytes } from './http-request.ts'
import { oddBatch, oddEvent, oddJson } from './odd-json.ts'
import { exchange, type Waiting } from './raw-client.ts'

const KEY = 'key-0000'
const SOURCE = 'property'

/** Damage may make a server wait for more: after so many milliseconds of silence it is told that there is none. */
const PATIENCE = { patience: 100 }

let collector: CollectorProcess
const stored = new Stored()

beforeAll(async () => {
  collector = await CollectorProcess.start([
    { name: GOOD_SOURCE, writeKey: GOOD_KEY },
    { name: SOURCE, writeKey: KEY, webhook: WEBHOOK },
  ])
})

afterAll(() => collector[Symbol.asyncDispose]())

interface Sent {
  readonly answers: readonly Answer[]
  readonly events: readonly LogRecord[]
  readonly rejected: readonly LogRecord[]
}

/** Sends the bytes; what is answered has to be civil and the collector well. The answers, and the records left. */
async function send(bytes: Buffer, waiting: Waiting = {}): Promise<Sent> {
  const { answers, end } = await exchange(collector.port, { bytes }, waiting)
  await requireHealth(collector)
  expect(end).not.toBe('deadline')
  for (const answer of answers) requireCivil(answer)
  const records = (await stored.update(collector)).filter(({ source }) => source === SOURCE)
  const events = records.filter(({ kind }) => kind === 'event')
  const rejected = records.filter(({ kind }) => kind === 'rejected')
  if (answers.length > 0 && answers.every(isOurRefusal)) expect(events).toEqual([])
  return { answers, events, rejected }
}

/** Refused, and not for being no request, which may be said before an earlier request is answered. */
function isOurRefusal(answer: Answer): boolean {
  return answer.status >= 400 && !isOfParser(answer)
}

const postPath = fc.constantFrom(
  ...EVENT_TYPES.map((type) => `/v1/${type}`),
  ...['i', 't', 'p', 's', 'g', 'a'].map((letter) => `/v1/${letter}`),
  ...['/v1/webhook', '/v1/nothing'],
)

const batchPath = fc.constantFrom('/v1/batch', '/v1/b', '/v1/import', `/beacon/v1/batch?writeKey=${KEY}`)

describe('whatever is sent is answered, or ends, and nothing is stored by halves', () => {
  test('good requests, damaged anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(damagedRequest(KEY), async ({ bytes, mostEvents }) => {
        const { events } = await send(bytes, PATIENCE)
        expect(events.length).toBeLessThanOrEqual(mostEvents)
      }),
    )
  })

  test('any JSON, to any path', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(postPath, batchPath), oddJson, async (target, body) => {
        const { answers } = await send(requestBytes(KEY, { target, body }))
        expect(answers.map(({ status }) => status)).toEqual([expect.toBeOneOf([200, 400, 401, 404])])
      }),
    )
  })

  test('any object to a path of one event is kept, as it is or as refused', async () => {
    const path = fc.constantFrom(...EVENT_TYPES.map((type) => `/v1/${type}`))
    await fc.assert(
      fc.asyncProperty(path, oddEvent, async (target, body) => {
        const { answers, events, rejected } = await send(requestBytes(KEY, { target, body }))
        expect(answers.map(({ status }) => status)).toEqual([200])
        expect(events.length + rejected.length).toBe(1)
        expect(refusedCount(answers)).toBe(rejected.length)
      }),
    )
  })

  test('any batch leaves a record of each of its elements, or is refused as a whole', async () => {
    await fc.assert(
      fc.asyncProperty(batchPath, oddBatch, async (target, body) => {
        const { answers, events, rejected } = await send(requestBytes(KEY, { target, body }))
        const { length } = JSON.parse(body).batch
        expect(answers.map(({ status }) => status)).toEqual([length === 0 ? 400 : 200])
        if (length === 0) return
        expect(events.length + rejected.length).toBe(length)
        expect(refusedCount(answers)).toBe(rejected.length)
      }),
    )
  })

  test('any bytes as body, packed or not', async () => {
    const coding = fc.constantFrom('gzip', 'deflate', 'br', 'identity', '')
    await fc.assert(
      fc.asyncProperty(postPath, coding, fc.uint8Array({ maxLength: 200 }), async (target, name, body) => {
        const headers = name === '' ? [] : [`Content-Encoding: ${name}`]
        const { answers } = await send(requestBytes(KEY, { target, headers, body: Buffer.from(body) }))
        expect(answers).toHaveLength(1)
      }),
    )
  })

  test('any headers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(header, { maxLength: 12 }), async (lines) => {
        const { events } = await send(requestBytes(KEY, { headers: lines }), PATIENCE)
        expect(events.length).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('any target', async () => {
    const part = fc.oneof(
      fc.constantFrom('v1', 'track', '..', '.', '%2e', '%', '%00', '%ff', ';', '\\', '?', '#'),
      fc.string(),
    )
    const path = fc.array(part, { maxLength: 6 }).map((parts) => `/${parts.join('/')}`)
    const parameters = fc.array(fc.tuple(fc.string(), fc.string()), { maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('GET', 'POST'), path, parameters, async (method, start, query) => {
        const written = query.map(([name, value]) => `${name}=${encodeURI(value.toWellFormed())}`).join('&')
        await send(requestBytes(KEY, { method, target: `${start}?${written}` }))
      }),
    )
  })
})

test('whatever an event holds is stored as it was sent', async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })), async (members) => {
      const body = JSON.stringify({ ...members, userId: 'u', messageId: 'm' })
      const { events } = await send(requestBytes(KEY, { body }))
      const [record] = events
      const filled = { receivedAt: expect.any(String), request_ip: expect.any(String), rudderId: expect.any(String) }
      const { writeKey: _, ...sent }: Record<string, unknown> = JSON.parse(body)
      expect(record?.kind === 'event' && record.event).toEqual({ ...sent, ...filled, type: 'track' })
    }),
  )
})

test('every record left can be landed', () => requireLanding(collector))

test('a good event is accepted as ever', async () => {
  const { answers, events } = await send(requestBytes(KEY, { body: GOOD_EVENT }))
  expect([answers[0]?.status, events.length]).toEqual([200, 1])
})

/** What a client is told of the events it sent. */
function refusedCount([answer]: readonly Answer[]): number {
  return JSON.parse(answer?.body.toString() ?? '').refusedCount ?? 0
}

const NAMES = words`
  Content-Length Transfer-Encoding Content-Encoding Content-Type Connection Upgrade Expect TE Host Origin
  Authorization X-Forwarded-For Trailer Keep-Alive Cookie AnonymousId __proto__
`

const VALUES = [
  ...words`
  0 -1 45 99999 chunked gzip identity close keep-alive upgrade websocket h2c 100-continue * null
  multipart/form-data application/json ::1 Basic
`,
  '',
  'Basic Og==',
]

const header = fc
  .tuple(
    fc.oneof(fc.constantFrom(...NAMES), fc.stringMatching(/^[!#$%&'*+.^_`|~\w-]{1,20}$/)),
    fc.oneof(fc.constantFrom(...VALUES), fc.string({ unit: 'binary-ascii' }), fc.stringMatching(/^[\x80-\xff]{0,20}$/)),
  )
  .map(([name, value]) => `${name}: ${value}`)
