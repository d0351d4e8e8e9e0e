import { dirname, join } from 'node:path'
import { DRAFT, writeDurably } from '../../core/durable-file.ts'
import { MusterError } from '../../core/errors.ts'
import { type Files, isMissing, systemFiles } from '../../core/files.ts'
import type { ArchiveStore } from './store.ts'

const CHUNK_BYTES = 1024 * 1024

/** An archive in a local folder, which is made when the first file is written. */
export function folderArchive(dir: string, files: Files = systemFiles): ArchiveStore {
  return new FolderArchive(dir, files)
}

class FolderArchive implements ArchiveStore {
  readonly place: string
  readonly #files: Files
  /** Folders that are rid of what an earlier process half wrote. */
  readonly #cleared = new Map<string, Promise<void>>()

  constructor(dir: string, files: Files) {
    this.place = dir
    this.#files = files
  }

  async list(folder: string): Promise<string[]> {
    const path = join(this.place, folder)
    const names = await this.#namesIn(path)
    // A killed process may have put a file in place without the folder's sync.
    if (names.length > 0) await this.#files.syncFolder(path)
    return names.filter((name) => !name.endsWith(DRAFT)).sort()
  }

  async *read(name: string): AsyncIterable<Uint8Array> {
    await using file = await this.#files.open(join(this.place, name), 'read').catch((error: unknown) => {
      if (!isMissing(error)) throw error
      throw new MusterError('archive_file_missing', `${join(this.place, name)} is not there`, { cause: error })
    })
    const size = await file.size()
    for (let offset = 0; offset < size; offset += CHUNK_BYTES) {
      yield await file.read(Math.min(CHUNK_BYTES, size - offset), offset)
    }
  }

  async write(name: string, content: Uint8Array): Promise<void> {
    const file = join(this.place, name)
    await this.#clear(dirname(file))
    await writeDurably(file, content, { files: this.#files })
  }

  async remove(name: string): Promise<void> {
    const file = join(this.place, name)
    const folder = dirname(file)
    if ((await this.#namesIn(folder)).length === 0) return
    await this.#files.remove(file)
    await this.#files.syncFolder(folder)
  }

  /** Only this process writes here: what is half written when it begins stays so. */
  #clear(folder: string): Promise<void> {
    const clearing = this.#cleared.get(folder) ?? this.#removeDrafts(folder)
    this.#cleared.set(folder, clearing)
    clearing.catch(() => this.#cleared.delete(folder))
    return clearing
  }

  async #removeDrafts(folder: string): Promise<void> {
    for (const name of await this.#namesIn(folder)) {
      if (name.endsWith(DRAFT)) await this.#files.remove(join(folder, name))
    }
  }

  async #namesIn(folder: string): Promise<string[]> {
    try {
      return await this.#files.list(folder)
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
  }
}
