import type { Position } from './batch.ts'

interface Bookmark extends Position {
  /** First sequence of the segment. */
  readonly first: number
}

const MAX_BOOKMARKS = 64

/** Where in segments records begin, so that reading on need not search from a segment's start. */
export class Bookmarks {
  #marks: readonly Bookmark[] = []

  /** The known position in the segment that is nearest before the record `next`; the segment's start at worst. */
  before(next: number, first: number): Position {
    let nearest: Position = { offset: 0, sequence: first }
    for (const mark of this.#marks) {
      if (mark.first === first && mark.sequence <= next && mark.sequence > nearest.sequence) nearest = mark
    }
    return { offset: nearest.offset, sequence: nearest.sequence }
  }

  set(first: number, { offset, sequence }: Position): void {
    const others = this.#marks.filter((mark) => mark.first !== first || mark.sequence !== sequence)
    this.#marks = [...others.slice(1 - MAX_BOOKMARKS), { first, offset, sequence }]
  }

  /** The segment may have been written anew. */
  forget(first: number): void {
    this.#marks = this.#marks.filter((mark) => mark.first !== first)
  }
}
