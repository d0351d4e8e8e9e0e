import { hash } from 'node:crypto'
import type { JsonObject } from './event.ts'
import { identifierText } from './identifier.ts'

/** Whose events are acknowledged and not stored; only hashes are kept, so that the list itself names nobody. */
export interface Suppressed {
  /** Of the project, so that lists of two projects cannot be compared. */
  readonly salt: string
  /** Of `suppressionHash`. */
  readonly hashes: readonly string[]
}

/** The hash by which a user id or anonymous id is suppressed. */
export function suppressionHash(salt: string, id: string): string {
  return hash('sha256', `${salt}:${id}`, 'base64url').slice(0, 22)
}

/** Tells events of suppressed people. */
export class Suppressions {
  readonly #salt: string
  readonly #hashes: ReadonlySet<string>

  constructor({ salt, hashes }: Suppressed) {
    this.#salt = salt
    this.#hashes = new Set(hashes)
  }

  /** Whether the event's user id, anonymous id or previous id is suppressed. */
  has({ userId, anonymousId, previousId }: JsonObject): boolean {
    if (this.#hashes.size === 0) return false
    return [userId, anonymousId, previousId].some((sent) => {
      const id = identifierText(sent)
      return id !== undefined && this.#hashes.has(suppressionHash(this.#salt, id))
    })
  }
}
