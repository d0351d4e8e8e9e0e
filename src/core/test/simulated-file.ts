import { between, chance, oneOf, type Random } from './seeded-random.ts'

/** What was done to a file since it was last synced. */
type Change =
  | { readonly kind: 'write'; readonly position: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly size: number }

/** A file's bytes as programs see them, and apart from that what the disk itself holds. */
export class SimulatedFile {
  #content: Buffer
  #durable: Buffer
  #pending: Change[] = []

  constructor(content: Buffer = Buffer.alloc(0)) {
    this.#content = content
    this.#durable = content
  }

  get content(): Buffer {
    return this.#content
  }

  write(position: number, bytes: Buffer): void {
    if (bytes.length > 0) this.#apply({ kind: 'write', position, bytes })
  }

  truncate(size: number): void {
    this.#apply({ kind: 'truncate', size })
  }

  sync(): void {
    for (const change of this.#pending) this.#durable = changed(this.#durable, change)
    this.#pending = []
  }

  /**
   * A sync that fails: some writes are given up for good, in part or whole, although programs go on seeing them and the
   * next sync succeeds, as Linux does after a failed fsync.
   */
  failSync(random: Random): void {
    this.#pending = this.#pending.flatMap((change) =>
      change.kind === 'truncate' ? [change] : surviving(change, random),
    )
  }

  /** What a power cut leaves: each change since the last sync whole, in part or not at all. */
  afterPowerCut(random: Random): Buffer {
    return this.#pending.flatMap((change) => surviving(change, random)).reduce(changed, this.#durable)
  }

  #apply(change: Change): void {
    this.#content = changed(this.#content, change)
    this.#pending.push(change)
  }
}

function changed(content: Buffer, change: Change): Buffer {
  if (change.kind === 'truncate') return resized(content, change.size)
  const target = Buffer.from(resized(content, Math.max(content.length, change.position + change.bytes.length)))
  change.bytes.copy(target, change.position)
  return target
}

function resized(content: Buffer, size: number): Buffer {
  return size <= content.length
    ? content.subarray(0, size)
    : Buffer.concat([content, Buffer.alloc(size - content.length)])
}

function surviving(change: Change, random: Random): Change[] {
  const fate = random()
  if (fate < 0.35) return [change]
  if (fate < 0.65 || change.kind === 'truncate') return []
  return torn(change, random)
}

/** Some of a write's blocks: those before one of them, or any. The file may be as long as if all were there. */
function torn(write: Change & { kind: 'write' }, random: Random): Change[] {
  const pieces = blocks(write, oneOf(random, [512, 4096]))
  const until = between(random, 0, pieces.length)
  const inOrder = chance(random, 0.5)
  const kept: Change[] = pieces.filter((_, index) => (inOrder ? index < until : chance(random, 0.5)))
  const last = write.position + write.bytes.length
  return chance(random, 0.3) ? [{ kind: 'write', position: last, bytes: Buffer.alloc(0) }, ...kept] : kept
}

function blocks({ position, bytes }: Change & { kind: 'write' }, size: number): Change[] {
  const pieces: Change[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + size - ((position + at) % size))
    pieces.push({ kind: 'write', position: position + at, bytes: bytes.subarray(at, end) })
    at = end
  }
  return pieces
}
