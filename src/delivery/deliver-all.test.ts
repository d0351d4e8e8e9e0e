import { describe, expect, test } from 'vitest'
import { deliverAll } from './deliver-all.ts'
import type { DeliverAllInput, DeliverInput, DeliveryRow, LiveDestination, Outcome } from './delivery.ts'

type Deliver = (input: DeliverInput) => Promise<readonly Outcome[]>

const object = { id: '1', name: 'At risk' }
const delivered: Deliver = async ({ rows }) => rows.map(() => ({ status: 'delivered' }))

function destination(deliver: Deliver, limits = { batch: 2, concurrency: 2 }): LiveDestination {
  const none = async () => undefined
  return {
    baseUrl: 'x',
    account: 'x',
    limits,
    check: none,
    findObject: none,
    createObject: async () => object,
    deliver,
  }
}

async function* rows(count: number, onRead: (place: number) => void = () => {}): AsyncIterable<DeliveryRow> {
  for (let place = 0; place < count; place += 1) {
    onRead(place)
    yield { key: `k${place}`, fields: {} }
  }
}

function input(over: Partial<DeliverAllInput>): DeliverAllInput {
  return {
    object,
    options: {},
    operation: 'add',
    rows: rows(5),
    before: async () => {},
    after: async () => {},
    ...over,
  }
}

describe('deliverAll', () => {
  test('keeps before, delivery and after of a batch in order, and hands on the very rows', async () => {
    const given: DeliveryRow[] = []
    const steps: string[] = []
    const seen: DeliveryRow[] = []
    async function* source() {
      for await (const row of rows(5)) {
        given.push(row)
        yield row
      }
    }
    await deliverAll(
      destination(async (batch) => {
        steps.push(`deliver ${batch.rows[0]?.key}`)
        return delivered(batch)
      }),
      input({
        rows: source(),
        before: async (batch) => {
          steps.push(`before ${batch[0]?.key}`)
        },
        after: async (batch, outcomes) => {
          steps.push(`after ${batch[0]?.key} ${outcomes.length}`)
          seen.push(...batch)
        },
      }),
    )
    for (const key of ['k0', 'k2', 'k4']) {
      const own = steps.filter((step) => step.includes(key))
      expect(own).toEqual([`before ${key}`, `deliver ${key}`, `after ${key} ${key === 'k4' ? 1 : 2}`])
    }
    expect(new Set(seen)).toEqual(new Set(given))
    expect(seen.every((row) => given.includes(row))).toBe(true)
  })

  test('reads no further than it can send', async () => {
    let read = 0
    let sent = 0
    let furthest = 0
    const slow: Deliver = async (batch) => {
      furthest = Math.max(furthest, read - sent)
      await new Promise((resolve) => setImmediate(resolve))
      sent += batch.rows.length
      return delivered(batch)
    }
    await deliverAll(destination(slow), input({ rows: rows(200, () => (read += 1)) }))
    expect(sent).toBe(200)
    // Two batches under way, one waiting, one being gathered.
    expect(furthest).toBeLessThanOrEqual(8)
  })

  test('records a batch as in doubt when delivery breaks, and stops', async () => {
    const recorded: (readonly Outcome[])[] = []
    const broken: Deliver = async () => {
      throw new Error('a fault of ours')
    }
    const work = deliverAll(
      destination(broken, { batch: 2, concurrency: 1 }),
      input({ rows: rows(50), after: async (_, outcomes) => void recorded.push(outcomes) }),
    )
    await expect(work).rejects.toThrow('a fault of ours')
    const doubt = { status: 'in_doubt', code: 'internal', message: 'a fault of ours' }
    expect(recorded).toEqual([[doubt, doubt]])
  })

  test('sends nothing when what comes before fails', async () => {
    let sent = 0
    const work = deliverAll(
      destination(async (batch) => {
        sent += batch.rows.length
        return delivered(batch)
      }),
      input({ before: async () => Promise.reject(new Error('no intent')) }),
    )
    await expect(work).rejects.toThrow('no intent')
    expect(sent).toBe(0)
  })

  test('finishes what is under way when stopped, and leaves the rest unsent', async () => {
    const stop = new AbortController()
    const begun: string[] = []
    const ended: string[] = []
    const work = deliverAll(
      destination(
        async (batch) => {
          stop.abort(new Error('stopped'))
          return delivered(batch)
        },
        { batch: 2, concurrency: 1 },
      ),
      input({
        rows: rows(50),
        signal: stop.signal,
        before: async (batch) => void begun.push(batch[0]?.key ?? ''),
        after: async (batch) => void ended.push(batch[0]?.key ?? ''),
      }),
    )
    await expect(work).rejects.toThrow('stopped')
    expect(begun).toEqual(['k0'])
    expect(ended).toEqual(['k0'])
  })

  test('waits for batches under way when the source breaks', async () => {
    const ended: string[] = []
    async function* source() {
      yield* rows(2)
      throw new Error('the query failed')
    }
    const work = deliverAll(
      destination(delivered),
      input({ rows: source(), after: async (batch) => void ended.push(batch[0]?.key ?? '') }),
    )
    await expect(work).rejects.toThrow('the query failed')
    expect(ended).toEqual(['k0'])
  })
})
