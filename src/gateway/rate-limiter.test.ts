import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RateLimiter } from './rate-limiter.ts'

const arrivals = fc.array(fc.record({ after: fc.nat(5000), count: fc.integer({ min: 1, max: 40 }) }), { maxLength: 60 })

test('no stretch of time sees more than the bucket and what is refilled meanwhile, but for one batch larger than it', () => {
  fc.assert(
    fc.property(arrivals, fc.integer({ min: 1, max: 30 }), (requests, events) => {
      const limiter = new RateLimiter({ events, withinMs: 1000 })
      const taken: { at: number; count: number }[] = []
      let now = 1_700_000_000_000
      for (const { after, count } of requests) {
        now += after
        if (limiter.take(count, now) === 0) taken.push({ at: now, count })
      }
      for (const [from, first] of taken.entries()) {
        let sum = 0
        for (const { at, count } of taken.slice(from)) {
          const allowed = events + ((at - first.at) / 1000) * events
          // Before a batch is taken, what came earlier fits; the batch itself may be larger than the bucket.
          expect(sum).toBeLessThanOrEqual(allowed + 40)
          sum += count
          if (count <= events) expect(sum).toBeLessThanOrEqual(allowed + 1e-6)
        }
      }
    }),
  )
})

test('after the wait it names, the same request is taken', () => {
  fc.assert(
    fc.property(arrivals, fc.integer({ min: 1, max: 30 }), (requests, events) => {
      const limiter = new RateLimiter({ events, withinMs: 1000 })
      let now = 1_700_000_000_000
      for (const { after, count } of requests) {
        now += after
        const wait = limiter.take(count, now)
        if (wait === 0) continue
        now += Math.ceil(wait) + 1
        expect(limiter.take(count, now)).toBe(0)
      }
    }),
  )
})

test('a clock that steps back gives nothing away', () => {
  const limiter = new RateLimiter({ events: 2, withinMs: 1000 })
  expect(limiter.take(2, 10_000)).toBe(0)
  expect(limiter.take(1, 5_000)).toBeGreaterThan(0)
  expect(limiter.take(1, 5_100)).toBeGreaterThan(0)
})
