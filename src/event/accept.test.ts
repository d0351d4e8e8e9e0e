import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { acceptEvent, EVENT_TYPES } from './index.ts'

const context = {
  receivedAt: '2026-01-02T03:04:05.678Z',
  requestIp: '203.0.113.7',
  id: () => 'new-id',
}
const accept = (value: unknown, more = {}) => acceptEvent(value, { ...context, ...more })

describe('what is accepted', () => {
  test('an event keeps all it has and gets what it lacks', () => {
    const sent = {
      type: 'track',
      event: 'Signed Up',
      userId: 'u1',
      properties: { plan: null },
      extra: [1],
    }
    expect(accept(sent)).toEqual({
      event: {
        ...sent,
        messageId: 'new-id',
        receivedAt: context.receivedAt,
        request_ip: context.requestIp,
        rudderId: expect.any(String),
      },
    })
    expect(sent).not.toHaveProperty('messageId')
  })

  test('what is there already is kept', () => {
    const sent = {
      type: 'page',
      anonymousId: 'a',
      messageId: 'm',
      receivedAt: '2020-01-01T00:00:00Z',
      request_ip: '198.51.100.1',
    }
    expect(accept(sent)).toEqual({ event: { ...sent, rudderId: expect.any(String) } })
  })

  // RudderStack's server makes these of the same ids.
  test.each([
    [{ userId: 'u1', anonymousId: 'a1' }, 'u1:a1'],
    [{ userId: ' u1 ' }, 'u1:'],
    [{ anonymousId: 7 }, ':7'],
  ])('%j has one rudderId: the MD5 of %j as a UUID of version 4', (ids, text) => {
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
    const digest = createHash('md5').update(text).digest('hex')
    const result = accept({ type: 'track', ...ids })
    const id = 'event' in result ? String(result.event.rudderId) : ''
    expect(id).toMatch(uuid)
    const bare = id.replaceAll('-', '')
    expect(bare.slice(0, 12) + bare.slice(13, 16) + bare.slice(17)).toBe(
      digest.slice(0, 12) + digest.slice(13, 16) + digest.slice(17),
    )
  })

  test("an empty list is an empty object: PHP's SDKs write it so", () => {
    const sent = { type: 'track', userId: 'u', properties: [], context: [], traits: null, integrations: {} }
    expect(accept(sent)).toMatchObject({ event: sent })
  })

  test('the path decides the type', () => {
    expect(accept({ type: 'page', userId: 'u' }, { type: 'track' })).toMatchObject({ event: { type: 'track' } })
    expect(accept({ userId: 'u' }, { type: 'alias' })).toMatchObject({
      event: { type: 'alias' },
    })
  })

  test.each([
    ['  m1\n', 'm1'],
    ['m\u200b1\u0000', 'm1'],
    ['', 'new-id'],
    [' \u200b ', 'new-id'],
    [7, 'new-id'],
    [null, 'new-id'],
    ['x'.repeat(512), 'x'.repeat(512)],
  ])('message id %j becomes %j', (messageId, expected) => {
    expect(accept({ type: 'track', userId: 'u', messageId })).toMatchObject({
      event: { messageId: expected },
    })
  })

  test.each([[{ userId: 0 }], [{ userId: 12.5 }], [{ anonymousId: ' a ' }], [{ userId: null, anonymousId: 'a' }]])(
    'ids %j are enough and kept as sent',
    (ids) => {
      expect(accept({ type: 'track', ...ids })).toMatchObject({ event: ids })
    },
  )

  test('a __proto__ member is kept as data and changes no prototype', () => {
    const sent: unknown = JSON.parse('{"type":"track","userId":"u","__proto__":{"polluted":true}}')
    const result = accept(sent)
    expect(JSON.stringify(result)).toContain('"__proto__":{"polluted":true}')
    expect(result).not.toHaveProperty('event.polluted')
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

describe('what is refused', () => {
  test.each([null, 1, 'track', [], [{ type: 'track', userId: 'u' }], undefined])('%j is no event', (value) => {
    expect(accept(value)).toEqual({ reason: 'event is not a JSON object' })
  })

  test.each([undefined, null, 'Track', 'toString', 1, {}])('type %j', (type) => {
    expect(accept({ type, userId: 'u' })).toEqual({
      reason: 'type must be one of identify, track, page, screen, group, alias, merge',
      field: 'type',
    })
  })

  test.each([
    {},
    { userId: '' },
    { userId: ' \t', anonymousId: '\u200b' },
    { userId: null },
    { userId: {} },
    { anonymousId: true },
  ])('ids %j', (ids) => {
    expect(accept({ type: 'track', ...ids })).toMatchObject({
      reason: 'request neither has anonymousId nor userId',
    })
  })

  test.each([
    [{ userId: true }, 'userId must be a string or a number, not a boolean'],
    [{ userId: 2 ** 53 }, 'userId is a number beyond 2^53, which loses digits: send it as a string'],
    [{ groupId: {} }, 'groupId must be a string or a number, not an object'],
    [{ previousId: ['a'] }, 'previousId must be a string or a number, not a list'],
    [{ event: {} }, 'event must be a string or a number, not an object'],
    [{ properties: 'x' }, 'properties must be an object, not a string'],
    [{ traits: [1] }, 'traits must be an object, not a list'],
    [{ context: 0 }, 'context must be an object, not a number'],
    [{ integrations: false }, 'integrations must be an object, not a boolean'],
  ])('members of a wrong type: %j', (members, reason) => {
    const field = reason.split(' ', 1)[0]
    expect(accept({ type: 'track', anonymousId: 'a', ...members })).toEqual({ reason, field })
  })

  test('a message id of 513 characters', () => {
    expect(accept({ type: 'track', userId: 'u', messageId: 'x'.repeat(513) })).toMatchObject({ field: 'messageId' })
  })

  test('JSON that would overflow the stack of its readers', () => {
    const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`)
    expect(accept({ type: 'track', userId: 'u', properties: { x: nested(198) } })).toHaveProperty('event')
    expect(accept({ type: 'track', userId: 'u', properties: { x: nested(199) } })).toHaveProperty('reason')
    expect(accept({ type: 'track', userId: 'u', properties: { x: nested(100_000) } })).toHaveProperty('reason')
  })
})

test.each(['1e400', '{"a":[-1e999]}'])('a number that nothing can hold: %s', (text) => {
  const properties = JSON.parse(`{"x":${text}}`)
  expect(accept({ type: 'track', userId: 'u', properties })).toEqual({
    reason: 'a number in the event is beyond 1.8e308',
  })
})

test('no JSON value throws; an accepted one is complete', () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.record({
      type: fc.constantFrom(...EVENT_TYPES),
      userId: fc.jsonValue(),
      messageId: fc.jsonValue(),
      context: fc.jsonValue(),
    }),
  )
  fc.assert(
    fc.property(value, (sent) => {
      const result = accept(sent)
      if ('reason' in result) return result.reason.length > 0
      const { type, messageId, receivedAt, request_ip } = result.event
      return EVENT_TYPES.includes(type) && [messageId, receivedAt, request_ip].every((text) => text.length > 0)
    }),
  )
})
