import type { Files, OpenFile } from '../files.ts'
import type { Random } from './seeded-random.ts'
import type { SimulatedDisk, Work } from './simulated-disk.ts'
import { SimulatedFile } from './simulated-file.ts'
import { SimulatedFolder } from './simulated-folder.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import { fileAt, folderAt, placeOf, systemError, usedBytes } from './simulated-tree.ts'

/** One call on the disk, and the file or folder it is about. */
export interface Call {
  readonly name:
    | 'open'
    | 'create'
    | 'read'
    | 'write'
    | 'truncate'
    | 'sync'
    | 'size'
    | 'list'
    | 'rename'
    | 'remove'
    | 'makeFolder'
    | 'syncFolder'
  readonly path: string
}

/** The files of a simulated disk as one process uses them. */
export class SimulatedFiles implements Files {
  readonly #disk: SimulatedDisk
  readonly #process: SimulatedProcess

  constructor(disk: SimulatedDisk, process: SimulatedProcess) {
    this.#disk = disk
    this.#process = process
  }

  open(path: string, how: 'read' | 'extend' | 'create'): Promise<OpenFile> {
    return this.#call(how === 'read' ? 'open' : 'create', path, () => {
      if (how === 'read') return new SimulatedOpenFile(this.#disk, this.#process, path, fileAt(this.#root, path))
      const { folder, name, entry } = placeOf(this.#root, path)
      if (entry instanceof SimulatedFolder) throw systemError('EISDIR', path)
      if (entry !== undefined && how === 'create') throw systemError('EEXIST', path)
      const file = entry ?? new SimulatedFile()
      if (entry === undefined) folder.change([[name, file]])
      return new SimulatedOpenFile(this.#disk, this.#process, path, file)
    })
  }

  readSync(path: string): Buffer {
    return this.#process.callNow({ name: 'read', path }, { done: () => Buffer.from(fileAt(this.#root, path).content) })
  }

  list(path: string): Promise<string[]> {
    return this.#call('list', path, () => [...folderAt(this.#root, path).entries.keys()])
  }

  rename(from: string, to: string): Promise<void> {
    return this.#call('rename', to, () => {
      const source = placeOf(this.#root, from)
      const target = placeOf(this.#root, to)
      if (source.folder !== target.folder) throw systemError('EXDEV', to)
      source.folder.change([
        [source.name, undefined],
        [target.name, fileAt(this.#root, from)],
      ])
    })
  }

  remove(path: string): Promise<void> {
    return this.#call('remove', path, () => {
      const { folder, name, entry } = placeOf(this.#root, path)
      if (entry !== undefined) folder.change([[name, undefined]])
    })
  }

  makeFolder(path: string): Promise<void> {
    return this.#call('makeFolder', path, () => {
      const { folder, name, entry } = placeOf(this.#root, path)
      if (entry === undefined) folder.change([[name, new SimulatedFolder()]])
    })
  }

  syncFolder(path: string): Promise<void> {
    return this.#call('syncFolder', path, () => {
      const folder = folderAt(this.#root, path)
      if (this.#disk.lie !== 'folder-sync') folder.sync()
    })
  }

  lock(path: string): (() => void) | undefined {
    return this.#disk.lock(this.#process, path)
  }

  get #root(): SimulatedFolder {
    return this.#disk.root
  }

  #call<T>(name: Call['name'], path: string, done: (random: Random) => T): Promise<T> {
    return this.#process.call({ name, path }, { done })
  }
}

class SimulatedOpenFile implements OpenFile {
  readonly #disk: SimulatedDisk
  readonly #process: SimulatedProcess
  readonly #path: string
  readonly #file: SimulatedFile
  #closed = false

  constructor(disk: SimulatedDisk, process: SimulatedProcess, path: string, file: SimulatedFile) {
    this.#disk = disk
    this.#process = process
    this.#path = path
    this.#file = file
  }

  read(length: number, position: number): Promise<Buffer> {
    return this.#call('read', { done: () => Buffer.from(this.#file.content.subarray(position, position + length)) })
  }

  write(bytes: Uint8Array, position: number): Promise<void> {
    return this.#call('write', this.#writing(bytes, position))
  }

  writeSync(bytes: Uint8Array, position: number): void {
    this.#process.callNow({ name: 'write', path: this.#path }, this.#writing(bytes, position))
  }

  truncate(size: number): Promise<void> {
    return this.#call('truncate', { done: () => this.#file.truncate(size) })
  }

  sync(): Promise<void> {
    return this.#call('sync', {
      done: () => this.#disk.lie === 'fsync' || this.#file.sync(),
      failed: (random) => this.#file.failSync(random),
    }).then(() => undefined)
  }

  size(): Promise<number> {
    return this.#call('size', { done: () => this.#file.content.length })
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** A write that fails has written some of its bytes, on a full disk those that fit. */
  #writing(bytes: Uint8Array, position: number): Work<void> {
    const content = Buffer.from(bytes)
    return {
      done: () => {
        const growth = Math.max(0, position + content.length - this.#file.content.length)
        const room = Math.max(0, this.#disk.capacity - usedBytes(this.#disk.root))
        const lacking = Math.max(0, growth - room)
        this.#file.write(position, content.subarray(0, Math.max(0, content.length - lacking)))
        if (lacking > 0) throw systemError('ENOSPC', this.#path)
      },
      failed: (random) => this.#file.write(position, content.subarray(0, Math.floor(random() * content.length))),
    }
  }

  #call<T>(name: Call['name'], work: Work<T>): Promise<T> {
    if (this.#closed) throw systemError('EBADF', this.#path)
    return this.#process.call({ name, path: this.#path }, work)
  }
}
