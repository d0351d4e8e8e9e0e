import { chance, type Random } from './seeded-random.ts'
import { SimulatedFile } from './simulated-file.ts'

export type Entry = SimulatedFile | SimulatedFolder

/** Names that change together; undefined for one that goes away. */
export type Renaming = readonly (readonly [name: string, entry: Entry | undefined])[]

/** A folder's names as programs see them, and apart from that those the disk itself holds. */
export class SimulatedFolder {
  #entries: ReadonlyMap<string, Entry>
  #durable: ReadonlyMap<string, Entry>
  #pending: Renaming[] = []

  constructor(entries: ReadonlyMap<string, Entry> = new Map()) {
    this.#entries = entries
    this.#durable = entries
  }

  get entries(): ReadonlyMap<string, Entry> {
    return this.#entries
  }

  change(renaming: Renaming): void {
    this.#entries = changed(this.#entries, renaming)
    this.#pending.push(renaming)
  }

  sync(): void {
    this.#durable = this.#pending.reduce(changed, this.#durable)
    this.#pending = []
  }

  /** What a power cut leaves: of the changes since the last sync the first ones, as a journal does, or any. */
  afterPowerCut(random: Random): SimulatedFolder {
    const likely = random()
    const journal = chance(random, 0.5)
    const firstLost = this.#pending.findIndex(() => !chance(random, likely))
    const kept = this.#pending.filter((_, index) =>
      journal ? firstLost === -1 || index < firstLost : chance(random, likely),
    )
    const left = kept.reduce(changed, this.#durable)
    return new SimulatedFolder(new Map([...left].map(([name, entry]) => [name, leftOf(entry, random)])))
  }
}

function leftOf(entry: Entry, random: Random): Entry {
  return entry instanceof SimulatedFile ? new SimulatedFile(entry.afterPowerCut(random)) : entry.afterPowerCut(random)
}

function changed(entries: ReadonlyMap<string, Entry>, renaming: Renaming): ReadonlyMap<string, Entry> {
  const next = new Map(entries)
  for (const [name, entry] of renaming) {
    if (entry === undefined) next.delete(name)
    else next.set(name, entry)
  }
  return next
}
