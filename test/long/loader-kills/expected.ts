/** What the tables of source `web` must hold in the end: every acknowledged event once. */
export interface SentEvent {
  readonly type: 'track' | 'identify' | 'page'
  readonly messageId: string
  readonly userId: string
  readonly timestamp: string
  readonly event?: string
  readonly properties?: Readonly<Record<string, unknown>>
  readonly traits?: Readonly<Record<string, string | number>>
}

interface Trait {
  readonly at: string
  readonly value: string | number
}

const TABLES: Readonly<Record<SentEvent['type'], string>> = { track: 'tracks', identify: 'identifies', page: 'pages' }

export class Expected {
  /** Table → message ids. */
  readonly ids = new Map<string, Set<string>>()
  /** User → trait → the value of the latest timestamp. */
  readonly users = new Map<string, Map<string, Trait>>()
  /** `row column`, a line each. */
  readonly discards = new Set<string>()
  copies = 0

  /** An event that was acknowledged, perhaps again. */
  add(sent: SentEvent): void {
    const { type, event, messageId } = sent
    const own = this.#idsOf(TABLES[type])
    if (own.has(messageId)) this.copies += 1
    own.add(messageId)
    if (event !== undefined) this.#idsOf(tableOf(event)).add(messageId)
    if (type === 'identify') this.#identify(sent)
  }

  get acknowledged(): number {
    return this.events + this.copies
  }

  get events(): number {
    return ['tracks', 'identifies', 'pages'].reduce((sum, table) => sum + this.#idsOf(table).size, 0)
  }

  #identify({ userId, timestamp, traits = {} }: SentEvent): void {
    const user = this.users.get(userId) ?? new Map<string, Trait>()
    this.users.set(userId, user)
    for (const [trait, value] of Object.entries(traits)) {
      if ((user.get(trait)?.at ?? '') < timestamp) user.set(trait, { at: timestamp, value })
    }
  }

  #idsOf(table: string): Set<string> {
    const ids = this.ids.get(table) ?? new Set()
    this.ids.set(table, ids)
    return ids
  }
}

function tableOf(event: string): string {
  return event.toLowerCase().replaceAll(' ', '_')
}
