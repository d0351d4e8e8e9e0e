import { describe, expect, test } from 'vitest'
import { answerOf } from './test/reference-answer.ts'
import { REFERENCE_CASES } from './test/reference-cases.ts'

describe("names and values beside RudderStack's", () => {
  test.each(REFERENCE_CASES)('$kind $sent is $ours', ({ kind, sent, ours, theirs, why }) => {
    expect(answerOf({ kind, sent })).toBe(ours)
    // What differs is explained, and nothing else.
    expect(why === undefined).toBe(theirs === undefined)
    expect(theirs).not.toBe(ours)
  })

  test('there are many', () => {
    expect(REFERENCE_CASES.length).toBeGreaterThanOrEqual(60)
    expect(new Set(REFERENCE_CASES.map(({ kind, sent }) => `${kind} ${sent}`)).size).toBe(REFERENCE_CASES.length)
  })
})
