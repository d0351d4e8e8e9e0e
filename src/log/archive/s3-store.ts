import { createHash, webcrypto } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { type Effects, systemEffects } from '../../core/effects.ts'
import { MusterError, messageOf } from '../../core/errors.ts'
import type { S3Archive } from '../../project/index.ts'
import { S3Client, type S3Request, Transient } from './s3-client.ts'
import { readS3Page } from './s3-xml.ts'
import type { ArchiveStore } from './store.ts'

/** An archive in a bucket of any service that speaks the S3 API, addressed by path. */
export function s3Archive(settings: S3Archive, effects: Effects = systemEffects): ArchiveStore {
  return new S3Store(new S3Client(settings, effects), settings.prefix)
}

/** Hashed before other work gets its turn. */
const SLICE_BYTES = 1024 * 1024

class S3Store implements ArchiveStore {
  readonly place: string
  readonly #client: S3Client
  readonly #prefix: string

  constructor(client: S3Client, prefix: string) {
    this.#client = client
    this.#prefix = prefix === '' ? '' : `${prefix.replace(/\/$/, '')}/`
    this.place = client.placeOf(prefix)
  }

  async list(folder: string, signal?: AbortSignal): Promise<string[]> {
    const prefix = folder === '' ? this.#prefix : `${this.#prefix}${folder}/`
    const names: string[] = []
    for (let after = ''; ; ) {
      const query = { delimiter: '/', prefix, ...(after !== '' && { marker: after }) }
      const page = readS3Page(await this.#client.send({ method: 'GET', query, signal }, textOf))
      for (const key of page.keys) if (key !== prefix) names.push(key.slice(prefix.length).replace(/\/$/, ''))
      if (page.last) return names.sort()
      after = afterAll(page.keys)
    }
  }

  /** Goes on at the byte where a connection broke off, in the same version of the object. */
  async *read(name: string, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    const request = { method: 'GET', key: this.#prefix + name, signal } as const
    const progress: Progress = { offset: 0, etag: null, size: undefined }
    while (progress.size === undefined || progress.offset < progress.size) {
      // Opening alone is no success: a connection that breaks before the first byte counts as a try.
      const chunks = await this.#client.retry(request, () => this.#begin(request, progress))
      try {
        for await (const chunk of chunks) {
          progress.offset += chunk.length
          yield chunk
        }
      } catch {
        signal?.throwIfAborted()
      }
    }
  }

  async write(name: string, content: Uint8Array, signal?: AbortSignal): Promise<void> {
    const key = this.#prefix + name
    const body = new Uint8Array(content)
    const md5 = await md5Of(body)
    const headers = {
      'content-md5': md5.toString('base64'),
      'x-amz-content-sha256': Buffer.from(await webcrypto.subtle.digest('SHA-256', body)).toString('hex'),
      'content-type': 'application/octet-stream',
    }
    await this.#client.send({ method: 'PUT', key, headers, body, signal }, async (response) => {
      await response.arrayBuffer().catch(failed)
      if (response.status === 404) throw new MusterError('archive_refused', `PUT ${this.#client.placeOf(key)}: 404`)
      if (isMd5(response) && etagOf(response) !== md5.toString('hex')) throw new Transient('it was stored damaged')
      await this.#verify(key, body.length, signal)
    })
  }

  async remove(name: string, signal?: AbortSignal): Promise<void> {
    const key = this.#prefix + name
    await this.#client.send({ method: 'DELETE', key, signal }, (response) => response.arrayBuffer().catch(failed))
  }

  /** The object's bytes from where reading stopped; the first of them have come. */
  async #begin(request: S3Request, progress: Progress): Promise<AsyncIterable<Uint8Array>> {
    const { offset, etag } = progress
    const rest = offset > 0 && { range: `bytes=${offset}-`, ...(etag !== null && { 'if-match': etag }) }
    const response = await this.#client.once({ ...request, headers: { ...rest } })
    if (response.status === 404 || response.body === null) {
      throw new MusterError('archive_file_missing', `${this.#client.placeOf(request.key)} is not there`)
    }
    if (offset > 0 && response.status !== 206) throw new Transient(`asked for a part, answered ${response.status}`)
    const length = response.headers.get('content-length')
    if (length === null) throw new Transient('answered without a length')
    progress.etag = response.headers.get('etag')
    progress.size = offset + Number(length)
    return started(response.body)
  }

  /** An upload counts once the service shows all of it. */
  async #verify(key: string, bytes: number, signal: AbortSignal | undefined): Promise<void> {
    const response = await this.#client.once({ method: 'HEAD', key, signal })
    const found = response.status === 404 ? undefined : Number(response.headers.get('content-length'))
    if (found !== bytes) throw new Transient(`of ${bytes} bytes the service shows ${found ?? 'none'}`)
  }
}

/** The same chunks, once the first is there. */
async function started(body: ReadableStream<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const chunks = body[Symbol.asyncIterator]()
  const first = await chunks.next().catch(failed)
  return (async function* () {
    for (let chunk = first; chunk.done !== true; chunk = await chunks.next()) yield chunk.value
  })()
}

/** Of a file being read. */
interface Progress {
  offset: number
  etag: string | null
  size: number | undefined
}

/** A key after all of these, and after all that begins with one that ends in a slash: `0` follows the slash. */
function afterAll(keys: readonly string[]): string {
  return (
    keys
      .map((key) => key.replace(/\/$/, '0'))
      .sort()
      .at(-1) ?? ''
  )
}

function textOf(response: Response): Promise<string> {
  return response.text().catch(failed)
}

function failed(error: unknown): never {
  throw new Transient(messageOf(error), { cause: error })
}

/** Only unencrypted objects, and those with keys of the service's own, have their MD5 as ETag. */
function isMd5(response: Response): boolean {
  const encryption = response.headers.get('x-amz-server-side-encryption') ?? 'AES256'
  const ownKey = response.headers.has('x-amz-server-side-encryption-customer-algorithm')
  return encryption === 'AES256' && !ownKey && /^[\da-f]{32}$/.test(etagOf(response))
}

function etagOf(response: Response): string {
  return (response.headers.get('etag') ?? '').replaceAll('"', '')
}

async function md5Of(content: Uint8Array): Promise<Buffer> {
  const hash = createHash('md5')
  for (let offset = 0; offset < content.length; offset += SLICE_BYTES) {
    hash.update(content.subarray(offset, offset + SLICE_BYTES))
    await setImmediate()
  }
  return hash.digest()
}
