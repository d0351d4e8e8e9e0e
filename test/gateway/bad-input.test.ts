import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BadInput } from './bad-input.ts'
import { batches } from './bad-input-batches.ts'
import { encoding } from './bad-input-encoding.ts'
import { endpoints } from './bad-input-endpoints.ts'
import { events } from './bad-input-events.ts'
import { framing } from './bad-input-framing.ts'
import { headers } from './bad-input-headers.ts'
import { json } from './bad-input-json.ts'
import { keys } from './bad-input-keys.ts'
import { start } from './bad-input-start.ts'
import { values } from './bad-input-values.ts'
import { webhooks } from './bad-input-webhooks.ts'
import { CollectorProcess, WEBHOOK } from './collector-process.ts'
import { examine, GOOD_KEY, GOOD_SOURCE, requireLanding, requireStored, Stored } from './examine.ts'
import type { Answer } from './http-answer.ts'

const families = { framing, start, headers, keys, encoding, json, values, events, batches, endpoints, webhooks }

const corpus = Object.values(families).flat()

/** Keys are of one length, so that a place in a request is the same for all. */
const keyOf = (input: BadInput) => `key-${String(corpus.indexOf(input)).padStart(4, '0')}`

let collector: CollectorProcess
const stored = new Stored()
const outcomes = new Map<BadInput, readonly Answer[]>()

beforeAll(async () => {
  const own = corpus.map((input) => ({ name: input.name, writeKey: keyOf(input), webhook: WEBHOOK }))
  collector = await CollectorProcess.start([{ name: GOOD_SOURCE, writeKey: GOOD_KEY }, ...own])
})

afterAll(async () => {
  console.log(summary())
  await collector[Symbol.asyncDispose]()
})

test('the corpus is large, and each case has a name of its own', () => {
  expect(corpus.length).toBeGreaterThan(300)
  const names = corpus.map(({ name }) => name)
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
})

describe.each(Object.entries(families))('%s', (_, inputs) => {
  test.each(inputs)(
    '$name',
    async (input) => {
      const answers = await examine(collector, input, keyOf(input))
      outcomes.set(input, answers)
      await stored.update(collector)
      requireStored(stored.of(input.name), input, answers)
    },
    60_000,
  )
})

describe('after all of it', () => {
  test('nothing was stored late, and what was is whole', async () => {
    await stored.update(collector)
    for (const [input, answers] of outcomes) requireStored(stored.of(input.name), input, answers)
  })

  test('every record can be landed', () => requireLanding(collector))

  test('the collector has nothing to complain of', () => {
    expect(collector.complaints).toBe('')
  })
})

/** How many cases were answered how, to be pasted. */
function summary(): string {
  const classes = new Map<string, number>()
  for (const answers of outcomes.values()) {
    const name = answers.map(({ status }) => status).join(' ') || 'no answer'
    const shown = answers.length > 3 ? `${answers.length} answers` : name
    classes.set(shown, (classes.get(shown) ?? 0) + 1)
  }
  const lines = [...classes].sort(([, one], [, other]) => other - one).map(([name, count]) => `${count} × ${name}`)
  return `Bad input: ${outcomes.size} of ${corpus.length} cases answered as they may be\n  ${lines.join('\n  ')}`
}
