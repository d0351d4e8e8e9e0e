import { onTestFinished } from 'vitest'
import type { Effects } from '../../core/effects.ts'
import type { SimulatedClock } from '../../core/test/simulated-clock.ts'
import type { SimulatedDisk } from '../../core/test/simulated-disk.ts'
import { simulatedEffects } from '../../core/test/simulated-effects.ts'
import type { SimulatedProcess } from '../../core/test/simulated-process.ts'
import { folderArchive } from '../archive/folder-store.ts'
import type { ArchiveStore } from '../archive/store.ts'
import type { Appended, LogWriter } from '../event-log.ts'
import { archivedThrough } from '../local/archived-through.ts'
import { openLogReader } from '../local/reader.ts'
import { type LogWriterOptions, openLogWriter } from '../local/writer.ts'
import { readTexts } from './scratch.ts'

export const dir = '/log'
export const archiveDir = '/archive'

/** The archive as a process sees it. */
export const archiveOf = ({ files }: Effects): ArchiveStore => folderArchive(archiveDir, files)

export interface Collecting {
  readonly writer: LogWriter
  readonly process: SimulatedProcess
  readonly effects: Effects
  /** Appends the texts as one group. */
  readonly append: (...texts: string[]) => Promise<Appended>
}

/** Opens the log on a simulated disk as a process of its own, which is killed when the test ends. */
export async function collectOn(
  disk: SimulatedDisk,
  options: Partial<LogWriterOptions> & { readonly clock?: SimulatedClock } = {},
): Promise<Collecting> {
  const process = disk.start()
  onTestFinished(() => process.kill())
  const effects = simulatedEffects(process, options.clock)
  const archived = await archivedThrough({ dir, archive: archiveOf(effects), effects })
  const writer = await openLogWriter({ dir, maxDiskBytes: 1e9, archivedThrough: archived, ...options, effects })
  const append = (...texts: string[]) => writer.append(texts.map((text) => ({ key: text, payload: Buffer.from(text) })))
  return { writer, process, effects, append }
}

/** The texts of all records that a reader finds. */
export function textsOn(disk: SimulatedDisk, after = 0): Promise<string[]> {
  const effects = simulatedEffects(disk.start())
  return readTexts(openLogReader({ dir, archive: archiveOf(effects), effects }), after)
}

/** The disk as different power cuts may leave it, the log opened again on each. */
export async function* afterPowerCuts(
  disk: SimulatedDisk,
  options: Partial<LogWriterOptions> = {},
): AsyncGenerator<{ readonly left: SimulatedDisk; readonly log: Collecting }> {
  for (let seed = 0; seed < 25; seed++) {
    const left = disk.afterPowerCut(seed)
    yield { left, log: await collectOn(left, options) }
  }
}
