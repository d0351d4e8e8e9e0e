import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { ArchiveStore } from '../archive/store.ts'
import type { LogReader, LogWriter } from '../event-log.ts'
import { openLogReader } from '../local/reader.ts'
import { type LogWriterOptions, openLogWriter } from '../local/writer.ts'

/** A folder that is removed when the test ends. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-log-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A writer that is closed when the test ends. */
export async function testWriter(options: Partial<LogWriterOptions> & { dir: string }): Promise<LogWriter> {
  const writer = await openLogWriter({ maxDiskBytes: 1e9, ...options })
  onTestFinished(() => writer.close())
  return writer
}

/** Copies a log as a crash leaves it; not the lock, whose reading would release it. */
export async function copyLog(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true })
  const names = (await readdir(from)).filter((name) => name === 'head' || name.endsWith('.log'))
  for (const name of names) await cp(join(from, name), join(to, name))
}

/** The texts of all records after `after`. */
export async function readTexts(reader: LogReader, after = 0): Promise<string[]> {
  const texts: string[] = []
  for (let last = after; ; ) {
    const batch = await reader.read({ after: last, maxRecords: 7, maxBytes: 1e6 })
    if (batch.records.length === 0) return texts
    texts.push(...batch.records.map(({ payload }) => payload.toString()))
    last = batch.last
  }
}

/** As `readTexts`, of the log in a folder. */
export function textsIn(dir: string, archive?: ArchiveStore): Promise<string[]> {
  return readTexts(openLogReader({ dir, archive }))
}
