import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { formatLiveEvent, type LiveRow } from './live-line.ts'

const accepted: LiveRow = {
  position: 7,
  receivedAt: '2026-01-02T03:04:05.678Z',
  source: 'web',
  fate: 'ACCEPTED',
  reason: null,
  type: 'track',
  event: 'Order Completed',
  userId: 'u1',
  anonymousId: 'a1',
  skipped: 0,
}
const plain = (row: LiveRow) => stripVTControlCharacters(formatLiveEvent(row)).replace(/ {2,}/g, ' | ')

test.each<[LiveRow, string]>([
  [accepted, '2026-01-02T03:04:05.678Z | web | accepted | track | Order Completed | u1'],
  [{ ...accepted, userId: null }, '2026-01-02T03:04:05.678Z | web | accepted | track | Order Completed | a1'],
  [
    { ...accepted, fate: 'REJECTED', reason: 'no id', source: null, type: null, event: null, userId: null },
    '2026-01-02T03:04:05.678Z | – | rejected | – | – | a1 | no id',
  ],
  [
    { ...accepted, skipped: 1234 },
    '… 1,234 more\n2026-01-02T03:04:05.678Z | web | accepted | track | Order Completed | u1',
  ],
])('%j', (row, line) => {
  expect(plain(row)).toBe(line)
})

test('what strangers send cannot command the terminal', () => {
  const line = formatLiveEvent({ ...accepted, event: 'a\u001b[2J\nb\u009bc\u202ed', userId: '👩‍👧 é' })
  expect(line).toContain('a\\u001b[2J\\u000ab\\u009bc\\u202ed')
  expect(line).toContain('👩‍👧 é')
})

test('long values are cut', () => {
  expect(plain({ ...accepted, userId: 'x'.repeat(1000) })).toMatch(/ x{200}…$/)
})
