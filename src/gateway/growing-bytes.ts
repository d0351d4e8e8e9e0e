const FIRST_BYTES = 64 * 1024

/** Bytes that come in pieces, in one buffer: a piece of its own for each would take hundreds of bytes where a client sends few. */
export class GrowingBytes {
  #only: Buffer | undefined
  #buffer: Buffer | undefined
  #length = 0

  add(piece: Buffer): void {
    if (this.#length === 0) this.#only = piece
    else this.#copy(piece)
    this.#length += piece.length
  }

  get length(): number {
    return this.#length
  }

  get bytes(): Buffer {
    return this.#only ?? this.#buffer?.subarray(0, this.#length) ?? Buffer.alloc(0)
  }

  #copy(piece: Buffer): void {
    const needed = this.#length + piece.length
    if (this.#buffer === undefined || this.#buffer.length < needed) {
      const larger = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, 2 * needed))
      this.bytes.copy(larger)
      this.#buffer = larger
      this.#only = undefined
    }
    piece.copy(this.#buffer, this.#length)
  }
}
