import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import type { ArchiveStore } from '../archive/store.ts'
import { erasedPayload } from '../record.ts'
import { noteOf } from './archive-note.ts'
import { readFrame, writeFrame } from './frame.ts'
import { archiveFile, archiveNote, listArchive, type Range } from './layout.ts'
import { damaged, unpackSegment } from './segment-reader.ts'

/** Whether a record is to go; called with each that is not erased yet, in order. */
export type IsGone = (payload: Buffer, sequence: number) => boolean

export interface Erasure {
  readonly archive: ArchiveStore
  readonly isGone: IsGone
  /** Segments that hold no such record need not be read; absent: all are. */
  readonly mayHold?: (range: Range) => boolean
  readonly signal?: AbortSignal | undefined
}

export interface Erased {
  readonly records: number
  readonly segments: number
}

const SLICE = 2000
const ERASED = '{"kind":"erased"'

/**
 * Replaces records in archived segments by erased ones of the same sequence. Each segment is replaced in one step, after
 * its note: a crash leaves it old or new, and the erasure is to be done again. @throws MusterError `log_corrupt`
 */
export async function eraseArchived({ archive, isGone, mayHold = () => true, signal }: Erasure): Promise<Erased> {
  let records = 0
  let segments = 0
  for (const range of await listArchive(archive, signal)) {
    if (!mayHold(range)) continue
    signal?.throwIfAborted()
    const bytes = await unpackSegment(archive, range, signal)
    const erased = await eraseIn(archiveFile(range), bytes, range, isGone)
    if (erased === 0) continue
    await replaceSegment(archive, range, bytes, signal)
    records += erased
    segments += 1
  }
  return { records, segments }
}

/** Removes an archived segment whole; the archive may begin later, but has no gaps: only its oldest may go. */
export async function removeArchived(archive: ArchiveStore, range: Range): Promise<void> {
  await archive.remove(archiveFile(range))
  await archive.remove(archiveNote(range))
}

async function eraseIn(file: string, bytes: Buffer, { first, last }: Range, isGone: IsGone): Promise<number> {
  let offset = 0
  let erased = 0
  for (let sequence = first; sequence <= last; sequence++) {
    const frame = readFrame(bytes, offset)
    if (frame === undefined || frame.sequence !== sequence) throw damaged(file, { offset, sequence })
    if (!frame.payload.subarray(0, ERASED.length).equals(Buffer.from(ERASED)) && isGone(frame.payload, sequence)) {
      // As long as what it replaces: readers remember where records begin.
      writeFrame(bytes, offset, frame, erasedPayload(frame.payload))
      erased += 1
    }
    offset = frame.end
    if (sequence % SLICE === 0) await setImmediate()
  }
  if (offset !== bytes.length) throw damaged(file, { offset, sequence: last + 1 })
  return erased
}

async function replaceSegment(archive: ArchiveStore, range: Range, bytes: Buffer, signal: AbortSignal | undefined) {
  const note = await noteOf(archiveFile(range), bytes, range)
  const packed = await promisify(gzip)(bytes, { level: constants.Z_BEST_SPEED })
  const text = JSON.stringify({ ...note, packedBytes: packed.length })
  await archive.write(archiveNote(range), Buffer.from(`${text}\n`), signal)
  await archive.write(archiveFile(range), packed, signal)
}
