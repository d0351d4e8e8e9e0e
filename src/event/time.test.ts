import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AcceptedEvent } from './event.ts'
import { eventTimes, isInstant, parseInstant, toIso } from './time.ts'

const iso = (text: string) => {
  const instant = parseInstant(text)
  return instant === undefined ? undefined : toIso(instant)
}

describe('instants', () => {
  test.each([
    ['2026-01-02', '2026-01-02T00:00:00.000Z'],
    ['2026-01-02T03:04', '2026-01-02T03:04:00.000Z'],
    ['2026-01-02 03:04:05', '2026-01-02T03:04:05.000Z'],
    ['2026-01-02T03:04:05.6', '2026-01-02T03:04:05.600Z'],
    ['2026-01-02T03:04:05.678901234Z', '2026-01-02T03:04:05.678Z'],
    ['2026-01-02t03:04:05z', undefined],
    ['2026-01-02T03:04:05z', '2026-01-02T03:04:05.000Z'],
    ['2026-01-02T03:04:05+02:30', '2026-01-02T00:34:05.000Z'],
    ['2026-01-02T03:04:05+0230', '2026-01-02T00:34:05.000Z'],
    ['2026-01-02T03:04:05-05', '2026-01-02T08:04:05.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['0099-12-31', '0099-12-31T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2000-02-29', '2000-02-29T00:00:00.000Z'],
  ])('%s is %s', (text, expected) => {
    expect(iso(text)).toBe(expected)
  })

  test.each([
    '2023-02-29',
    '1900-02-29',
    '2026-13-01',
    '2026-00-01',
    '2026-01-32',
    '2026-04-31',
    '2026-01-02T24:00:00Z',
    '2026-01-02T03:60:00Z',
    '2026-01-02T03:04:60Z',
    '2026-01-02T03:04:05+24:00',
    '0000-01-01',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    '26-01-02',
    '20260102',
    '2026-1-2',
    '2026-01-02Z',
    '2026-01-02T03',
    ' 2026-01-02',
    '2026-01-02 ',
    'Fri, 02 Jan 2026 03:04:05 GMT',
    '1767322800000',
    '+02026-01-02T00:00:00Z',
    `2026-01-02T03:04:05.${'0'.repeat(30)}`,
    '',
  ])('%j is none', (text) => {
    expect(parseInstant(text)).toBeUndefined()
  })

  test.each([[null], [1767322800000], [{}], [[]], [true], [new Date()]])('%s is no text of one', (value) => {
    expect(isInstant(value)).toBe(false)
  })

  test('as Date reads them, whatever the offset', () => {
    const dates = fc.date({ min: new Date('0002-01-01'), max: new Date('9998-12-31'), noInvalidDate: true })
    const offsets = fc.tuple(
      fc.constantFrom('+', '-'),
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 0, max: 59 }),
    )
    const two = (number: number) => String(number).padStart(2, '0')
    fc.assert(
      fc.property(dates, offsets, (date, [sign, hours, minutes]) => {
        const local = date.toISOString().slice(0, -1)
        for (const text of [`${local}Z`, `${local}${sign}${two(hours)}:${two(minutes)}`, local.slice(0, 10)]) {
          expect(parseInstant(text)).toBe(Date.parse(text))
        }
      }),
    )
  })

  test('no text makes it throw, and a result has a text of its own', () => {
    const almost = fc.stringMatching(/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,4})?)?(Z|[+-]\d\d:?\d\d)?)?$/)
    fc.assert(
      fc.property(fc.oneof(almost, fc.string()), (text) => {
        const normal = iso(text)
        if (normal !== undefined) expect(iso(normal)).toBe(normal)
      }),
    )
  })
})

describe('the times of an event', () => {
  const receivedAt = '2026-01-02T12:00:00.000Z'
  const times = (members: Partial<AcceptedEvent>) =>
    eventTimes(
      { type: 'track', messageId: 'm', receivedAt: 'the client may say anything', request_ip: '', ...members },
      receivedAt,
    )

  test('a wrong clock is taken out', () => {
    // The device is an hour ahead; the event happened ten minutes before it was sent.
    expect(times({ originalTimestamp: '2026-01-02T12:50:00Z', sentAt: '2026-01-02T13:00:00Z' })).toEqual({
      timestamp: '2026-01-02T11:50:00.000Z',
      receivedAt,
      sentAt: '2026-01-02T13:00:00.000Z',
      originalTimestamp: '2026-01-02T12:50:00.000Z',
    })
  })

  test("the event's own timestamp wins", () => {
    const own = { timestamp: '2020-05-05T05:05:05Z', originalTimestamp: '2026-01-01', sentAt: '2026-01-02' }
    expect(times(own).timestamp).toBe('2020-05-05T05:05:05.000Z')
  })

  test.each([
    [{}, receivedAt],
    [{ originalTimestamp: 'yesterday', sentAt: 7 }, receivedAt],
    [{ originalTimestamp: '2026-01-02T11:00:00Z' }, '2026-01-02T11:00:00.000Z'],
    [{ sentAt: '2026-01-02T11:00:00Z' }, '2026-01-02T13:00:00.000Z'],
    [{ timestamp: '2026-02-30', originalTimestamp: '2026-01-02T11:00:00Z' }, '2026-01-02T11:00:00.000Z'],
    [{ originalTimestamp: '0001-01-01', sentAt: '9999-12-31' }, receivedAt],
  ])('%j happened at %s', (members, expected) => {
    expect(times(members).timestamp).toBe(expected)
  })

  test('a server instant is read as any other, never by the machine’s own rules', () => {
    const event: AcceptedEvent = { type: 'track', messageId: 'm', receivedAt: '', request_ip: '' }
    expect(eventTimes(event, '2026-01-02T10:00:00+05').receivedAt).toBe('2026-01-02T05:00:00.000Z')
  })

  test('timestamp = receivedAt − (sentAt − originalTimestamp)', () => {
    const around = fc.date({ min: new Date('1990-01-01'), max: new Date('2050-01-01'), noInvalidDate: true })
    fc.assert(
      fc.property(around, around, (sent, original) => {
        const { timestamp } = times({ sentAt: sent.toISOString(), originalTimestamp: original.toISOString() })
        expect(Date.parse(timestamp)).toBe(Date.parse(receivedAt) - (sent.getTime() - original.getTime()))
      }),
    )
  })
})
