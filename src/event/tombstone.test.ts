import { describe, expect, test } from 'vitest'
import { acceptEvent } from './accept.ts'
import { eventRows } from './rows.ts'
import { Tombstones, tombstoneHash } from './tombstone.ts'

const erasedAt = new Date('2026-06-01T00:00:00Z')
const before = '2026-05-01T00:00:00.000Z'
const after = '2026-07-01T00:00:00.000Z'
const deleted = [
  { type: 'user_id', value: 'u1' },
  { type: 'anonymous_id', value: 'device-1' },
  { type: 'email', value: 'Ann@X.io ' },
]
const tombstones = new Tombstones(
  's',
  deleted.map((identifier) => ({ hash: tombstoneHash('s', identifier), type: identifier.type, erasedAt })),
)

function rowsOf(event: object, receivedAt: string) {
  const accepted = acceptEvent({ type: 'track', event: 'A', ...event }, { receivedAt, requestIp: '', id: () => 'm' })
  if (!('event' in accepted)) throw new Error(accepted.reason)
  return eventRows({ source: 'web', receivedAt, requestIp: '', event: accepted.event })
}

describe('who is named', () => {
  test.each([
    [{ userId: ' u1' }, true],
    [{ userId: 'u2' }, false],
    [{ userId: 'U1' }, false],
    [{ userId: 'device-1' }, false],
    [{ anonymousId: 'device-1', userId: 'u2' }, true],
    [{ type: 'identify', userId: 'u2', traits: { email: ' ANN@x.io' } }, true],
    [{ type: 'identify', userId: 'u2', context: { traits: { email: 'ann@x.io' } } }, true],
    [{ userId: 'u2', context: { traits: { email: 'ann@x.io' } } }, true],
    [{ userId: 'u2', properties: { email: 'ann@x.io' } }, false],
    [{ type: 'alias', userId: 'u2', previousId: 'device-1' }, true],
    [{ type: 'group', userId: 'u2', groupId: 'u1' }, false],
    [
      {
        type: 'merge',
        anonymousId: 'other',
        mergeProperties: [
          { type: 'email', value: 'Ann@x.io' },
          { type: 'email', value: 'b@x.io' },
        ],
      },
      true,
    ],
  ])('%j: %j', (event, expected) => {
    expect(tombstones.erases(rowsOf(event, before), { live: true })).toBe(expected)
  })
})

describe('what is from before the deletion', () => {
  test.each([
    { name: 'received before', receivedAt: before, event: {}, live: true, expected: true },
    { name: 'received after', receivedAt: after, event: {}, live: true, expected: false },
    { name: 'late', receivedAt: after, event: { timestamp: before }, live: true, expected: true },
    { name: 'before by a clock ahead', receivedAt: before, event: { timestamp: after }, live: true, expected: true },
    {
      name: 'late by the device',
      receivedAt: after,
      event: { originalTimestamp: before, sentAt: after },
      live: true,
      expected: true,
    },
    { name: 'at that very instant', receivedAt: erasedAt.toISOString(), event: {}, live: true, expected: true },
    { name: 'of unknown time, in a file', receivedAt: after, event: {}, live: false, expected: true },
    {
      name: 'dated after, in a file',
      receivedAt: '2026-08-01T00:00:00.000Z',
      event: { timestamp: after },
      live: false,
      expected: false,
    },
  ])('$name: $expected', ({ receivedAt, event, live, expected }) => {
    expect(tombstones.erases(rowsOf({ userId: 'u1', ...event }, receivedAt), { live })).toBe(expected)
  })
})

describe('refused bodies', () => {
  test.each([
    ['{"userId":"device-1"}', true],
    ['{"traits":{"email":"ann\\u0040x.io"}}', true],
    ['name,ann@x.io,7', true],
    ['{"userId":"u2","note":"x"', false],
    ['{"userId": "u1"', true],
    ['{"note": "u1"', false],
    ['user_id=u1&x=2', true],
  ])('%s: %j', (body, expected) => {
    expect(tombstones.erasesText(body, before)).toBe(expected)
    expect(tombstones.erasesText(body, undefined)).toBe(expected)
    expect(tombstones.erasesText(body, after)).toBe(false)
  })
})

test('nobody deleted, nothing erased', () => {
  expect(new Tombstones('', []).erases(rowsOf({ userId: 'u1' }, before), { live: false })).toBe(false)
})
