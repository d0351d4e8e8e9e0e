import { type Identifier, namedIn, normalIdentifier } from './named.ts'
import type { EventRows } from './rows.ts'
import { suppressionHash } from './suppression.ts'

/** Marks an identifier of a deleted person; it names nobody. */
export interface Tombstone {
  /** Of `tombstoneHash`. */
  readonly hash: string
  /** Of the identifier, such as `email`. */
  readonly type: string
  /** What happened or came in at or before this instant never lands again. */
  readonly erasedAt: Date
}

/** The salted hash of an identifier in normal form. */
export function tombstoneHash(salt: string, identifier: Identifier): string {
  const { type, value } = normalIdentifier(identifier)
  return suppressionHash(salt, `${type}:${value}`)
}

/** Tells events of deleted people. One set in memory; events after the last deletion cost two comparisons. */
export class Tombstones {
  readonly #salt: string
  /** Hash → ISO instant of the deletion, the latest where there were several. */
  readonly #erased = new Map<string, string>()
  readonly #types = new Set<string>()
  /** ISO instant of the latest deletion. */
  #last = ''

  constructor(salt: string, tombstones: readonly Tombstone[]) {
    this.#salt = salt
    for (const { hash, type, erasedAt } of tombstones) {
      const instant = erasedAt.toISOString()
      this.#types.add(type)
      if ((this.#erased.get(hash) ?? '') < instant) this.#erased.set(hash, instant)
      if (this.#last < instant) this.#last = instant
    }
  }

  get size(): number {
    return this.#erased.size
  }

  /**
   * Whether the event names a deleted person and happened or was received no later than the deletion. `live` events
   * without a time of their own happened when they came; in a file such an event may be of any time, and is erased.
   */
  erases(event: Pick<EventRows, 'rows'>, { live }: { readonly live: boolean }): boolean {
    const values = event.rows[0]?.values
    if (this.#erased.size === 0 || values === undefined) return false
    const timestamp = String(values.get('timestamp')?.value)
    const receivedAt = String(values.get('received_at')?.value)
    const undated = !live && timestamp === receivedAt
    if (!undated && timestamp > this.#last && receivedAt > this.#last) return false
    for (const identifier of namedIn(event, this.#types)) {
      const erasedAt = this.#erased.get(tombstoneHash(this.#salt, identifier))
      if (erasedAt === undefined) continue
      if (undated || timestamp <= erasedAt || receivedAt <= erasedAt) return true
    }
    return false
  }

  /** Whether the text of a refused event or request names a deleted person; `receivedAt` of a live one. */
  erasesText(body: string, receivedAt: string | undefined): boolean {
    if (this.#erased.size === 0 || (receivedAt !== undefined && receivedAt > this.#last)) return false
    let before = ''
    for (const word of wordsOf(body)) {
      for (const type of this.#types) {
        if (!couldBe(type, word, before)) continue
        const erasedAt = this.#erased.get(tombstoneHash(this.#salt, { type, value: word }))
        if (erasedAt !== undefined && (receivedAt === undefined || receivedAt <= erasedAt)) return true
      }
      before = word
    }
    return false
  }
}

/** Texts between quotes, and what else stands between separators: a refused body may be anything. */
const WORDS = /"((?:[^"\\]|\\.)*)"|[^\s"',;:{}[\]()<>&=]+/g

function* wordsOf(body: string): Generator<string> {
  for (const [whole, quoted] of body.matchAll(WORDS)) yield quoted === undefined ? whole : unescaped(quoted)
}

function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  try {
    return String(JSON.parse(`"${text}"`))
  } catch {
    return text
  }
}

/** Short words are numbers and names of members more often than ids. */
const SHORTEST_ID = 6

/** Members that hold an id, however short; in lower case without separators. */
const ID_MEMBERS = new Set(['userid', 'anonymousid', 'previousid', 'value'])

function couldBe(type: string, word: string, before: string): boolean {
  if (type === 'email') return word.includes('@')
  return word.length >= SHORTEST_ID || ID_MEMBERS.has(before.toLowerCase().replaceAll(/[_-]/g, ''))
}
