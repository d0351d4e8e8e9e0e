/**
 * Events as they come: the same ones again, names that differ by case, values that change their type.
 */

import { between, chance, oneOf, type Random } from '../../src/core/test/seeded-random.ts'
import { acceptEvent } from '../../src/event/index.ts'
import { encodeRecord, type LogEntry } from '../../src/log/index.ts'

const START = Date.parse('2026-05-01T00:00:00Z')
const NAMES = [
  'Order Completed',
  'order completed',
  'Order-Completed',
  'select',
  'Žluťoučký',
  '📦',
  'users',
  'Signed Up',
] as const
const KEYS = ['plan', 'Plan', 'size', 'a b', 'from', 'id', 'nested', '_load', '📦', 'when'] as const
const USERS = ["O'Brien", 'ann', 'ß-user', 'İ'] as const
const TYPES = ['track', 'track', 'track', 'identify', 'identify', 'page', 'group', 'alias'] as const

/** The records of a log; of the ids every third or so comes again, perhaps as another event. */
export function messyRecords(random: Random, count: number): readonly LogEntry[] {
  return Array.from({ length: count }, (_, index) => {
    const at = new Date(START + index * 1000).toISOString()
    const id = `m${between(random, 1, Math.ceil(count * 0.7))}`
    const source = chance(random, 0.8) ? 'web' : 'app'
    const anonymousId = `device-${between(random, 1, 6)}`
    const sent = { messageId: id, anonymousId, timestamp: at, ...body(random) }
    const accepted = acceptEvent(sent, { receivedAt: at, requestIp: '203.0.113.9', id: () => id })
    const record =
      'event' in accepted
        ? ({ kind: 'event', source, receivedAt: at, requestIp: '203.0.113.9', event: accepted.event } as const)
        : ({ kind: 'rejected', source, receivedAt: at, requestIp: '', reason: accepted.reason, body: '' } as const)
    return { key: anonymousId, payload: encodeRecord(record) }
  })
}

function body(random: Random): object {
  const type = oneOf(random, TYPES)
  const user = oneOf(random, USERS)
  switch (type) {
    case 'track':
      return {
        type,
        event: oneOf(random, NAMES),
        properties: values(random),
        ...(chance(random, 0.5) && { userId: user }),
      }
    case 'page':
      return { type, name: oneOf(random, NAMES), properties: values(random) }
    case 'identify':
      return { type, userId: user, traits: { ...values(random), email: `${user}@x.example` } }
    case 'group':
      return { type, groupId: 'g1', traits: values(random) }
    case 'alias':
      return { type, previousId: 'device-1', userId: user }
  }
}

function values(random: Random): object {
  const count = between(random, 0, 4)
  return Object.fromEntries(Array.from({ length: count }, () => [oneOf(random, KEYS), value(random)]))
}

function value(random: Random): unknown {
  return oneOf<unknown>(
    random,
    [
      () => between(random, 0, 9),
      () => between(random, 0, 99) / 8,
      () => `text ${between(random, 0, 9)}`,
      () => '2026-02-03T04:05:06.789Z',
      () => chance(random, 0.5),
      () => null,
      () => [1, 'two'],
      () => ({ deep: between(random, 0, 3), Deep: 'x' }),
      () => '\ud800 \u0000 O\'Brien "q"\n',
      () => 2 ** 53 + 2,
      () => 'NaN',
    ].map((make) => make()) as [unknown, ...unknown[]],
  )
}
