import { MusterError } from '../../core/errors.ts'
import { HEADER_BYTES, readFrame, readHeader } from './frame.ts'
import type { Head } from './head.ts'

/** Where a segment's whole frames end. */
export interface SegmentEnd {
  /** Bytes of whole frames; what follows is to be cut. */
  readonly bytes: number
  /** Sequence of the next record. */
  readonly next: number
}

/**
 * Finds the end of the last segment. What a crash cut short was never acknowledged and is left out.
 * @throws MusterError `log_corrupt` when acknowledged records are damaged or missing
 */
export function findEnd(file: string, content: Buffer, first: number, published: Head): SegmentEnd {
  const end = wholeFrames(content, first)
  if (end.next <= published.sequence || laterGroupFollows(content, end)) {
    throw new MusterError(
      'log_corrupt',
      `${file} is damaged at byte ${end.bytes}: record ${end.next} was acknowledged and cannot be read`,
    )
  }
  return end
}

function wholeFrames(content: Buffer, first: number): SegmentEnd {
  let bytes = 0
  let next = first
  for (;;) {
    const frame = readFrame(content, bytes)
    if (frame === undefined || frame.sequence !== next) return { bytes, next }
    bytes = frame.end
    next++
  }
}

/** Whether a group was begun after that of the first unreadable record, which proves that record acknowledged. */
function laterGroupFollows(content: Buffer, { bytes, next }: SegmentEnd): boolean {
  const highest = next + content.length / HEADER_BYTES
  for (let at = bytes; at < content.length; ) {
    const header = readHeader(content, at)
    const plausible = header !== undefined && header.sequence >= next && header.sequence <= highest
    const frame = plausible ? readFrame(content, at) : undefined
    if (frame !== undefined && frame.sequence - frame.place > next) return true
    at = frame?.end ?? at + 1
  }
  return false
}
