/**
 * Delivers many rows: in batches, several at once, never reading ahead of what can be sent.
 */
import PQueue from 'p-queue'
import type { DeliverAllInput, DeliveryRow, LiveDestination, Outcome } from './delivery.ts'
import { asOutcome } from './read-rows.ts'
import { faultRefusal } from './vendor-client.ts'

/**
 * `before`, delivery and `after` of a batch follow one another; batches overlap. The first fault stops further
 * batches; those under way are finished first. Rejects with the fault, or with the signal's reason.
 */
export async function deliverAll(live: LiveDestination, { rows, signal, ...input }: DeliverAllInput): Promise<void> {
  const queue = new PQueue({ concurrency: live.limits.concurrency })
  const faults: unknown[] = []
  const stopped = () => signal?.aborted === true || faults.length > 0
  const work = { ...input, ...(signal && { signal }) }
  try {
    for await (const batch of batches(rows, live.limits.batch)) {
      await queue.onSizeLessThan(1)
      if (stopped()) break
      void queue
        .add(async () => (stopped() ? undefined : deliverOne(live, work, batch)))
        .catch((fault: unknown) => faults.push(fault))
    }
  } finally {
    await queue.onIdle()
  }
  if (faults.length > 0) throw faults[0]
  signal?.throwIfAborted()
}

async function deliverOne(
  live: LiveDestination,
  { before, after, ...input }: Omit<DeliverAllInput, 'rows'>,
  batch: readonly DeliveryRow[],
): Promise<void> {
  await before(batch)
  let outcomes: readonly Outcome[]
  try {
    outcomes = await live.deliver({ ...input, rows: batch })
  } catch (error) {
    const outcome = asOutcome(faultRefusal(error))
    await after(
      batch,
      batch.map(() => outcome),
    )
    throw error
  }
  await after(batch, outcomes)
}

async function* batches(rows: AsyncIterable<DeliveryRow>, size: number): AsyncIterable<readonly DeliveryRow[]> {
  let batch: DeliveryRow[] = []
  for await (const row of rows) {
    batch.push(row)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
