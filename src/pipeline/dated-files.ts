import { type FileHandle, mkdir, open, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'

interface OpenFile {
  readonly handle: FileHandle
  lines: string[]
  characters: number
}

const PART = '.part'
/** Files open at a time; years of days are far more. */
const MAX_OPEN = 64
const MAX_CHARACTERS = 64 * 1024

/** Text files that grow line by line, any number of them in flat memory. Their names end in `.part` until all are whole. */
export class DatedFiles {
  readonly #folder: string
  /** Those open, the one used last at the end. */
  readonly #open = new Map<string, OpenFile>()
  readonly #names = new Set<string>()

  constructor(folder: string) {
    this.#folder = folder
  }

  get names(): readonly string[] {
    return [...this.#names].sort()
  }

  /** Adds a line to the file of this name, relative to the folder. */
  async add(name: string, line: string): Promise<void> {
    const file = this.#open.get(name) ?? (await this.#start(name))
    this.#open.delete(name)
    this.#open.set(name, file)
    file.lines.push(`${line}\n`)
    file.characters += line.length
    if (file.characters >= MAX_CHARACTERS) await flush(file)
  }

  /** Puts all files in place; they are on disk then. */
  async finish(): Promise<void> {
    for (const name of [...this.#open.keys()]) await this.#close(name)
    for (const name of this.#names) {
      const file = join(this.#folder, name)
      await rename(file + PART, file)
    }
  }

  /** Lets go of files that will not be finished. */
  async abandon(): Promise<void> {
    for (const { handle } of this.#open.values()) await handle.close()
    this.#open.clear()
  }

  async #start(name: string): Promise<OpenFile> {
    const [oldest] = this.#open.keys()
    if (this.#open.size >= MAX_OPEN && oldest !== undefined) await this.#close(oldest)
    const path = join(this.#folder, name + PART)
    // What is exported names people: only the owner may read it.
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    this.#names.add(name)
    return { handle: await open(path, 'a', 0o600), lines: [], characters: 0 }
  }

  async #close(name: string): Promise<void> {
    const file = this.#open.get(name)
    if (file === undefined) return
    this.#open.delete(name)
    await flush(file)
    await file.handle.sync()
    await file.handle.close()
  }
}

async function flush(file: OpenFile): Promise<void> {
  const text = file.lines.join('')
  file.lines = []
  file.characters = 0
  await file.handle.appendFile(text)
}
