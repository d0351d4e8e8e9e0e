import fc from 'fast-check'
import { expect, test } from 'vitest'
import { GrowingBytes } from './growing-bytes.ts'

test('all pieces, in order', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 30 })
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 3000 }), (sent, repeated) => {
      const all = sent.flatMap((piece) => Array.from({ length: repeated % 7 }, () => Buffer.from(piece)))
      const body = new GrowingBytes()
      for (const piece of all) body.add(piece)
      expect(body.bytes.equals(Buffer.concat(all))).toBe(true)
      expect(body.length).toBe(body.bytes.length)
    }),
  )
})

test('a million single bytes take a few megabytes', () => {
  const before = process.memoryUsage().arrayBuffers
  const body = new GrowingBytes()
  for (let n = 0; n < 1_000_000; n++) body.add(Buffer.from([n % 256]))
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024)
  expect(body.bytes[999_999]).toBe(999_999 % 256)
})
