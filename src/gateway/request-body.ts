import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { MusterError, messageOf } from '../core/errors.ts'
import { isJsonObject, type JsonObject } from '../event/index.ts'
import { findJsonFault } from './json-fault.ts'

const unpack = promisify(gunzip)
const BYTE_ORDER_MARK = 0xfeff

/**
 * A request's body as text, unpacked when gzipped.
 * @throws MusterError `request_too_large` when more than `limit` bytes were sent or come out of the packing,
 * `request_malformed` when it cannot be read or unpacked
 */
export async function readText(request: Request, limit: number): Promise<string> {
  const sent = await readBytes(request, limit)
  const text = (await unpacked(sent, request.headers.get('content-encoding'), limit)).toString('utf8')
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

async function readBytes(request: Request, limit: number): Promise<Buffer> {
  const declared = request.headers.get('content-length')
  if (declared !== null && Number(declared) > limit) throw tooLarge(limit)
  try {
    return declared === null ? await collect(request, limit) : Buffer.from(await request.arrayBuffer())
  } catch (cause) {
    if (cause instanceof MusterError) throw cause
    throw new MusterError('request_malformed', `the request's body broke off: ${messageOf(cause)}`, { cause })
  }
}

/** A body of undeclared length is given up at the limit, not held whole. */
async function collect({ body }: Request, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body ?? []) {
    length += chunk.length
    if (length > limit) throw tooLarge(limit)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function unpacked(bytes: Buffer, encoding: string | null, limit: number): Promise<Buffer> {
  switch (encoding?.trim().toLowerCase() ?? '') {
    case '':
    case 'identity':
      return bytes
    case 'gzip':
    case 'x-gzip':
      return await gunzipped(bytes, limit)
    default:
      throw new MusterError('request_malformed', `Content-Encoding "${encoding}" is not read here`, {
        hint: 'Send the body gzipped or as it is.',
      })
  }
}

async function gunzipped(bytes: Buffer, limit: number): Promise<Buffer> {
  try {
    return await unpack(bytes, { maxOutputLength: limit })
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(limit)
    throw new MusterError('request_malformed', `the body is not gzip: ${messageOf(cause)}`, { cause })
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
