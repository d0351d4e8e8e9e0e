import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip, inflate, inflateRaw } from 'node:zlib'
import { MusterError, messageOf } from '../core/errors.ts'
import { isJsonObject, type JsonObject } from '../event/index.ts'
import type { BodyBudget } from './body-budget.ts'
import { GrowingBytes } from './growing-bytes.ts'
import { findJsonFault } from './json-fault.ts'

const BYTE_ORDER_MARK = 0xfeff
/** In each of these so many bytes must come, or the request is given up. */
const SLICE_MS = 10_000
const MIN_BYTES_A_SLICE = 2048

export interface BodyLimits {
  /** Of one body, as sent and unpacked. */
  readonly maxBytes: number
  readonly budget: BodyBudget
}

/**
 * A request's body as it was sent. Its length stays taken out of the budget: whoever is done with it gives that back.
 * @throws MusterError `request_too_large` beyond the limit, `collector_busy`, `request_aborted`
 */
export function readBody(incoming: IncomingMessage, { maxBytes, budget }: BodyLimits): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const body = new GrowingBytes()
    // So that nobody keeps others out with bodies that never end.
    const slow = setInterval(expectMore, SLICE_MS)
    let expected = 0
    incoming.on('data', take).once('end', end).once('error', breakOff).once('close', breakOff)
    if (Number(incoming.headers['content-length']) > maxBytes) stop(tooLarge(maxBytes))

    function take(chunk: Buffer): void {
      if (body.length + chunk.length > maxBytes) return stop(tooLarge(maxBytes))
      try {
        budget.take(chunk.length, body.length)
      } catch (error) {
        return stop(error)
      }
      body.add(chunk)
    }
    function expectMore(): void {
      expected += MIN_BYTES_A_SLICE
      if (body.length < expected)
        stop(new MusterError('request_too_slow', `only ${body.length} bytes came of the body`))
    }
    function end(): void {
      release()
      resolve(body.bytes)
    }
    function breakOff(): void {
      const why = incoming.errored === null ? 'the client left' : messageOf(incoming.errored)
      stop(new MusterError('request_aborted', `the request's body broke off: ${why}`))
    }
    function stop(error: unknown): void {
      release()
      budget.give(body.length)
      reject(error)
    }
    function release(): void {
      clearInterval(slow)
      incoming.off('data', take).off('end', end).off('error', breakOff).off('close', breakOff)
      // A socket that fails later must not be an unhandled error.
      incoming.on('error', () => undefined)
    }
  })
}

/**
 * A body's bytes, unpacked by its Content-Encoding: gzip, or deflate with or without zlib's frame.
 * @throws MusterError `request_too_large`, `request_malformed`
 */
export async function unpackBody(bytes: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
  const name = encoding.trim().toLowerCase()
  const unpack = unpackers.get(name)?.(bytes)
  if (unpack === undefined) {
    throw new MusterError('request_malformed', `Content-Encoding "${encoding}" is not read here`, {
      hint: 'Send the body gzipped, deflated or as it is.',
    })
  }
  try {
    return await unpack(bytes, { maxOutputLength: maxBytes })
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(maxBytes)
    throw new MusterError('request_malformed', `the body is not ${name}: ${messageOf(cause)}`, { cause })
  }
}

type Unpack = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>

const asItIs = () => async (bytes: Buffer) => bytes
const gunzipped: Unpack = promisify(gunzip)
const inflated: Unpack = promisify(inflate)
const inflatedRaw: Unpack = promisify(inflateRaw)

/** By the name of the coding, which is the client's: `__proto__` must not be one. */
const unpackers: ReadonlyMap<string, (bytes: Buffer) => Unpack> = new Map<string, (bytes: Buffer) => Unpack>([
  ['', asItIs],
  ['identity', asItIs],
  ['gzip', () => gunzipped],
  ['x-gzip', () => gunzipped],
  ['deflate', (bytes) => (hasZlibFrame(bytes) ? inflated : inflatedRaw)],
])

/** Some clients leave out zlib's frame, which "deflate" means (RFC 9110, 8.4.1.2). */
function hasZlibFrame(bytes: Buffer): boolean {
  return bytes.length >= 2 && ((bytes[0] ?? 0) & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0
}

/** Bytes as text, without a byte order mark. */
export function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text
}

/**
 * The JSON object that a body's text is.
 * @throws MusterError `request_malformed`, saying where the text stops being JSON
 */
export function parseObject(text: string): JsonObject {
  const value = parse(text)
  if (isJsonObject(value)) return value
  throw new MusterError('request_malformed', `event is not a JSON object`)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new MusterError('request_malformed', `invalid json: ${faultOf(text)}`, { cause })
  }
}

function tooLarge(limit: number): MusterError {
  return new MusterError('request_too_large', `request size exceeds max limit of ${limit} bytes`)
}

function faultOf(text: string): string {
  const fault = findJsonFault(text)
  if (fault === undefined) return 'it nests too deeply'
  const { offset, line, column } = fault
  const what = offset === text.length ? 'it ends too early' : `unexpected ${JSON.stringify(text.charAt(offset))}`
  return `${what} at position ${offset} (line ${line}, column ${column})`
}
