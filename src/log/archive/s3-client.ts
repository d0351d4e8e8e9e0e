import { AwsClient } from 'aws4fetch'
import type { Effects } from '../../core/effects.ts'
import { type ErrorCode, MusterError, messageOf } from '../../core/errors.ts'
import type { S3Archive } from '../../project/index.ts'
import { tagText } from './s3-xml.ts'

export interface S3Request {
  readonly method: 'GET' | 'PUT' | 'HEAD' | 'DELETE'
  /** Under the archive's prefix; absent: the bucket itself. */
  readonly key?: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array<ArrayBuffer>
  readonly signal?: AbortSignal | undefined
}

/** A failure that may pass when it is tried again. */
export class Transient extends Error {}

/** Tries before giving up, and pauses between them. */
const TRIES = 6
const FIRST_PAUSE_MS = 200
const MAX_PAUSE_MS = 10_000
/** An object of the archive is at most some tens of megabytes. */
const TIMEOUT_MS = 120_000
/** Error codes of S3 with a status below 500 that pass. */
const PASSING = new Set(['RequestTimeout', 'SlowDown', 'BadDigest', 'IncompleteBody', 'OperationAborted'])
const PASSING_STATUS = new Set([408, 429])

/** Requests to one bucket, signed, and tried again while a failure may pass. */
export class S3Client {
  readonly #settings: S3Archive
  readonly #signer: AwsClient
  readonly #effects: Effects

  constructor(settings: S3Archive, effects: Effects) {
    const { accessKeyId, secretAccessKey, region } = settings
    this.#settings = settings
    this.#signer = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3' })
    this.#effects = effects
  }

  /** Where a key is, as messages say it. */
  placeOf(key = ''): string {
    return `s3://${this.#settings.bucket}/${key}`
  }

  /**
   * Sends until there is an answer and `use` is content with it; `use` throws `Transient` where it is not. An answer may
   * be that there is no such object (404).
   */
  async send<T>(request: S3Request, use: (response: Response) => Promise<T>): Promise<T> {
    return this.retry(request, async () => use(await this.once(request)))
  }

  /** Does `work` until it does not end in `Transient`; gives up after some tries. */
  async retry<T>({ method, key, signal }: S3Request, work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await work()
      } catch (error) {
        signal?.throwIfAborted()
        if (!(error instanceof Transient)) throw error
        if (tries === TRIES) throw this.#failure('archive_unreachable', method, key, `${error.message}, ${tries} times`)
        await this.#pause(tries, signal)
      }
    }
  }

  /** One try. Throws `Transient`, `archive_refused`. */
  async once({ method, key, query = {}, headers, body, signal }: S3Request): Promise<Response> {
    const timeout = AbortSignal.timeout(TIMEOUT_MS)
    const signed = await this.#signer.sign(this.#url(key, query), {
      method,
      ...(headers && { headers }),
      ...(body && { body }),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    })
    const response = await this.#effects.fetch(signed).catch((error: unknown) => {
      throw new Transient(reasonOf(error), { cause: error })
    })
    if (response.ok || (await isMissingKey(response, key))) return response
    const text = method === 'HEAD' ? '' : await response.text().catch(() => '')
    const code = tagText(text, 'Code') ?? ''
    const said = [response.status, code, tagText(text, 'Message')].filter(Boolean).join(' ')
    if (response.status >= 500 || PASSING_STATUS.has(response.status) || PASSING.has(code)) throw new Transient(said)
    throw this.#failure('archive_refused', method, key, said)
  }

  async #pause(tries: number, signal: AbortSignal | undefined): Promise<void> {
    const most = Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), MAX_PAUSE_MS)
    await this.#effects.sleep(most / 2 + (this.#effects.random() * most) / 2, signal)
  }

  #url(key: string | undefined, query: Readonly<Record<string, string>>): string {
    const { endpoint, bucket } = this.#settings
    const url = new URL(`${endpoint.replace(/\/$/, '')}/${bucket}${key === undefined ? '' : `/${key}`}`)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    return url.href
  }

  #failure(code: ErrorCode, method: string, key: string | undefined, said: string): MusterError {
    const { endpoint } = this.#settings
    return new MusterError(code, `${method} ${this.placeOf(key)} at ${endpoint}: ${said}`)
  }
}

/** A missing bucket is answered 404 too. */
async function isMissingKey(response: Response, key: string | undefined): Promise<boolean> {
  if (response.status !== 404 || key === undefined) return false
  const text = await response
    .clone()
    .text()
    .catch(() => '')
  return tagText(text, 'Code') !== 'NoSuchBucket'
}

/** Fetch hides what happened behind "fetch failed". */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return cause === undefined ? messageOf(error) : `${messageOf(error)} (${messageOf(cause)})`
}
