import { writeDurably } from '../../core/durable-file.ts'
import type { Effects } from '../../core/effects.ts'
import { readHead } from './head.ts'
import { closeRequestFile, listSegments } from './layout.ts'

const LOOK_MS = 50

/**
 * Asks the log's writer, in whatever process it is, to close the segment it is writing; resolves once all that was durable
 * at the call is in closed segments. Gives the last sequence of those.
 */
export async function closeSegmentOf(
  { files, sleep }: Effects,
  dir: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { sequence } = readHead(files, dir)
  for (let looks = 0; ; looks++) {
    const last = (await listSegments(files, dir)).at(-1) ?? sequence + 1
    if (last > sequence) return sequence
    // A writer that stopped in between may have taken the request with it.
    if (looks % 100 === 0) await writeDurably(closeRequestFile(dir), `${sequence}\n`, { files })
    await sleep(LOOK_MS, signal)
  }
}
