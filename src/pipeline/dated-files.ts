import { appendFile, mkdir, open, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const PART = '.part'
/** Held back in all, so that many files grow in few writes. */
const MAX_CHARACTERS = 16 * 1024 * 1024

/** Text files that grow line by line, any number of them in flat memory. Their names end in `.part` until all are whole. */
export class DatedFiles {
  readonly #folder: string
  /** Lines not written yet, by name of the file. */
  readonly #waiting = new Map<string, string[]>()
  readonly #names = new Set<string>()
  #characters = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  get names(): readonly string[] {
    return [...this.#names].sort()
  }

  /** Adds a line to the file of this name, relative to the folder. */
  async add(name: string, line: string): Promise<void> {
    const lines = this.#waiting.get(name)
    if (lines) lines.push(line)
    else this.#waiting.set(name, [line])
    this.#characters += line.length
    if (this.#characters >= MAX_CHARACTERS) await this.#flush()
  }

  /** Puts all files in place; they are on disk then. */
  async finish(): Promise<void> {
    await this.#flush()
    for (const name of this.#names) {
      const file = join(this.#folder, name)
      await using handle = await open(file + PART, 'r')
      await handle.sync()
      await rename(file + PART, file)
    }
  }

  async #flush(): Promise<void> {
    for (const [name, lines] of this.#waiting) {
      const file = join(this.#folder, name)
      // What is exported names people: only the owner may read it.
      if (!this.#names.has(name)) await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      this.#names.add(name)
      await appendFile(file + PART, `${lines.join('\n')}\n`, { mode: 0o600 })
    }
    this.#waiting.clear()
    this.#characters = 0
  }
}
