import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeRecord, describeRecord, encodeRecord, erasedPayload, type LogRecord } from './record.ts'

const receivedAt = '2026-01-02T03:04:05.678Z'
const rejected: LogRecord = { kind: 'rejected', source: null, receivedAt, requestIp: '::1', reason: 'no', body: '{"' }
const accepted: LogRecord = {
  kind: 'event',
  source: 'web',
  receivedAt,
  requestIp: '203.0.113.7',
  event: { type: 'track', messageId: 'm', receivedAt, request_ip: '203.0.113.7', event: 'Signed Up', userId: 'ü1' },
}

test.each([[rejected], [accepted]])('a record comes back as it was: %j', (record) => {
  expect(decodeRecord(encodeRecord(record))).toEqual(record)
})

test.each(['', 'x', '[]', 'null', '{"kind":"other"}'])('%j is no record', (text) => {
  expect(() => decodeRecord(Buffer.from(text))).toThrowError(expect.objectContaining({ code: 'log_corrupt' }))
})

describe('what describes a record is read from its first bytes', () => {
  test.each([[rejected], [accepted]])('%j', (record) => {
    const { source } = record
    expect(describeRecord(encodeRecord(record))).toEqual({ source, receivedAt })
  })

  test('whatever the source is called and the event says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 50 }), fc.jsonValue(), (source, properties) => {
        const event = { ...accepted.event, properties, source: 'other', receivedAt: 'other' }
        const described = describeRecord(encodeRecord({ ...accepted, source, event }))
        expect(described).toEqual({ source: JSON.parse(JSON.stringify(source)), receivedAt })
      }),
    )
  })

  test('others are not described', () => {
    expect(describeRecord(Buffer.from('anything'))).toBeUndefined()
  })
})

test.each([[rejected], [accepted], [{ ...rejected, requestIp: '', reason: '', body: '' }]])(
  'what is erased of %j keeps source, instant and length, and nothing else',
  (record) => {
    const payload = encodeRecord(record)
    const erased = erasedPayload(payload)
    expect(erased.length).toBe(payload.length)
    const { source } = record
    expect(decodeRecord(erased)).toEqual({ kind: 'erased', source, receivedAt, requestIp: '' })
    expect(describeRecord(erased)).toBeUndefined()
    expect(erasedPayload(erased)).toEqual(erased)
  },
)
