/**
 * The archive's store: whole files, in a folder or in object storage. What the files are called and hold is the log's and
 * the imports' affair.
 *
 * name    path of a file in the archive, with forward slashes: letters, digits, `-`, `_` and `.`
 * folder  beginning of names; none has a dot, every file has one
 */
export interface ArchiveStore {
  /** Where it is, as messages say it: a path, or `s3://bucket/prefix`. */
  readonly place: string
  /**
   * Names of the files and folders directly in a folder (`''` is the top), ascending; none where there is no such folder.
   * What it shows outlives a crash.
   * @throws MusterError `archive_unreachable`, `archive_refused`
   */
  list(folder: string, signal?: AbortSignal): Promise<string[]>
  /**
   * A file's bytes, all or a failure.
   * @throws MusterError `archive_file_missing`, `archive_unreachable`, `archive_refused`
   */
  read(name: string, signal?: AbortSignal): AsyncIterable<Uint8Array>
  /** Puts a whole file in place of what had the name; it outlives a crash once this resolves. Throws as `list`. */
  write(name: string, content: Uint8Array, signal?: AbortSignal): Promise<void>
  /** Does nothing where there is no such file. Throws as `list`. */
  remove(name: string, signal?: AbortSignal): Promise<void>
}

/** All bytes of a small file. */
export async function readFile(archive: ArchiveStore, name: string, signal?: AbortSignal): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of archive.read(name, signal)) chunks.push(chunk)
  return Buffer.concat(chunks)
}
