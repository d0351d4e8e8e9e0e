import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, test, vi } from 'vitest'
import { type Effects, systemEffects } from '../../src/core/effects.ts'
import { Identity } from '../../src/identity/index.ts'
import { encodeRecord, openLogReader, openLogWriter } from '../../src/log/index.ts'
import { type Landed, Landing, WarehouseConsumer } from '../../src/pipeline/index.ts'
import { requireProject } from '../../src/project/index.ts'
import { openState } from '../../src/state/state.ts'
import { EventLoader } from '../../src/warehouse/load-events.ts'
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts'

const WITHIN_MS = 2000
const LOAD_MS = 1500

const rejected = (n: number) => {
  const record = { source: 'web', receivedAt: '2026-05-01T00:00:00.000Z', requestIp: '', reason: 'odd', body: `${n}` }
  return { key: 'k', payload: encodeRecord({ kind: 'rejected', ...record }) }
}

/** A clock that only pauses and loads move; pauses longer than a load waits are those of mending, and last. */
class Clock {
  readonly pauses: number[] = []
  #at = Date.parse('2026-05-01T00:00:00.000Z')

  pass(ms: number): void {
    this.#at += ms
  }

  get effects(): Effects {
    const sleep: Effects['sleep'] = async (ms, signal) => {
      if (ms > WITHIN_MS) return systemEffects.sleep(ms, signal)
      this.pauses.push(ms)
      this.pass(ms)
    }
    return { ...systemEffects, now: () => new Date(this.#at), sleep }
  }
}

/** Takes as long as it is told to, by the clock. */
class SlowLanding extends Landing {
  during: () => Promise<void> = async () => {}

  override async land(load: Parameters<Landing['land']>[0]): Promise<Landed> {
    await this.during()
    return super.land(load)
  }
}

test('a load begins so early that its first record can be queried in time, and at once when it is late', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'muster-linger-'))
  await writeFile(join(dir, 'muster.yaml'), 'version: 1\nsources:\n  web: { write_key: w }\n')
  const project = await requireProject(dir, { variables: {} })
  const stop = new AbortController()
  {
    await using writer = await openLogWriter({ dir: project.log.dir, maxDiskBytes: 1e9 })
    await using log = openLogReader({ dir: project.log.dir })
    await using warehouse = await openWarehouse(project)
    const state = await openState(warehouse, 'muster')
    const { numberOwners } = new Identity(project, warehouse)
    const clock = new Clock()
    const { effects } = clock
    const loader = new EventLoader({ warehouse, numberOwners, heldRows: state.name('held_rows'), now: effects.now })
    const landing = new SlowLanding(state, loader, effects)
    const batch = { events: 1000, withinMs: WITHIN_MS }
    const logger = pino({ level: 'silent' })
    const consumer = new WarehouseConsumer({ log, landing, state, dedupWindowMs: 0, batch, effects, logger })
    const landedUpTo = (position: number) =>
      vi.waitFor(async () => expect(await consumer.position()).toBe(position), { timeout: 30_000 })

    // Once it waits for what comes after, nothing that is there already is taken for late.
    const waits = vi.spyOn(log, 'wait')
    const waitsAfter = (position: number) =>
      vi.waitFor(() => expect(waits).toHaveBeenCalledWith(position, stop.signal), { timeout: 30_000 })

    landing.during = async () => clock.pass(LOAD_MS)
    const running = consumer.run(stop.signal)
    await waitsAfter(0)
    await writer.append([rejected(1)])
    await landedUpTo(1)
    expect(clock.pauses).toEqual([WITHIN_MS])

    landing.during = async () => {
      landing.during = async () => {}
      clock.pass(LOAD_MS)
      await writer.append([rejected(3)])
    }
    await waitsAfter(1)
    await writer.append([rejected(2)])
    await landedUpTo(3)
    expect(clock.pauses).toEqual([WITHIN_MS, WITHIN_MS - LOAD_MS])
    stop.abort()
    await running
  }
  await rm(dir, { recursive: true, force: true })
}, 60_000)
