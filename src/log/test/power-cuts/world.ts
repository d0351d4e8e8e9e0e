import type { Effects } from '../../../core/effects.ts'
import { between, chance, oneOf, type Random } from '../../../core/test/seeded-random.ts'
import { SimulatedClock } from '../../../core/test/simulated-clock.ts'
import { simulatedEffects } from '../../../core/test/simulated-effects.ts'
import type { SimulatedProcess } from '../../../core/test/simulated-process.ts'
import { folderArchive } from '../../archive/folder-store.ts'
import type { ArchiveStore } from '../../archive/store.ts'
import type { LogWriterOptions } from '../../local/writer.ts'
import { Promises } from './promises.ts'

export const WAREHOUSE = 'warehouse'
export const AGE_MS = 60_000

/** What stays the same in a history while its machine is switched off and on. */
export interface World {
  readonly random: Random
  readonly clock: SimulatedClock
  readonly promises: Promises
  readonly clients: number
  /** Programs that ended while the power was on. */
  kills: number
  /** The others may fall behind what is deleted when there is no archive. */
  readonly consumers: readonly string[]
  readonly log: Omit<LogWriterOptions, 'effects' | 'archivedThrough'>
  /** Absent: nothing is kept of what is deleted. */
  readonly archiveDir: string | undefined
}

export function newWorld(random: Random): World {
  const archived = chance(random, 0.7)
  return {
    random,
    clock: new SimulatedClock(),
    promises: new Promises(),
    clients: between(random, 1, 4),
    kills: 0,
    consumers: archived ? [WAREHOUSE, 'webhook'] : [WAREHOUSE],
    archiveDir: archived ? '/project/data/log/archive' : undefined,
    log: {
      dir: '/project/data/log',
      maxDiskBytes: oneOf(random, [30_000, 1e9]),
      segmentBytes: between(random, 300, oneOf(random, [1000, 12_000])),
      segmentAgeMs: AGE_MS,
    },
  }
}

export function effectsOf({ clock }: World, process: SimulatedProcess): Effects {
  return simulatedEffects(process, clock)
}

/** The archive as a program sees it. */
export function archiveOf({ archiveDir }: World, { files }: Effects): ArchiveStore | undefined {
  return archiveDir === undefined ? undefined : folderArchive(archiveDir, files)
}

/** Payloads that nobody sent before, small ones and large ones. */
export function newPayloads({ random, promises }: World): Buffer[] {
  return Array.from({ length: between(random, 1, 4) }, () => {
    const most = oneOf(random, [40, 40, 40, 900, 9000])
    const payload = Buffer.alloc(between(random, 24, most), `${Math.floor(random() * 2 ** 52).toString(36)} `)
    promises.send(payload)
    return payload
  })
}
