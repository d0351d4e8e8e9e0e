import { MusterError, messageOf } from '../core/errors.ts'
import { type AcceptedEvent, isJsonObject } from '../event/index.ts'

/** What the gateway appends: an event it accepted, or what it refused and why; or what an erasure left of either. */
export type LogRecord = EventLogRecord | RejectedLogRecord | ErasedLogRecord

export interface EventLogRecord {
  readonly kind: 'event'
  /** Name of the source whose write key came with it. */
  readonly source: string
  /** ISO instant of the request. */
  readonly receivedAt: string
  readonly requestIp: string
  readonly event: AcceptedEvent
}

export interface RejectedLogRecord {
  readonly kind: 'rejected'
  readonly source: string | null
  readonly receivedAt: string
  readonly requestIp: string
  readonly reason: string
  /** The event's or request's whole text, so that it can be mended and sent again. */
  readonly body: string
}

/** Stands where a record of a deleted person was, so that sequences stay without gaps. */
export interface ErasedLogRecord {
  readonly kind: 'erased'
  readonly source: string | null
  readonly receivedAt: string
  readonly requestIp: ''
}

const PREFIX = /^\{"kind":"(?:event|rejected)","source":(null|"(?:[^"\\]|\\.)*"),"receivedAt":"([^"\\]*)"/
const PREFIX_BYTES = 1024
/** Every kind is decoded, so that a switch over them is whole. */
const KINDS: ReadonlySet<unknown> = new Set<LogRecord['kind']>(['event', 'rejected', 'erased'])

/** A record as JSON in UTF-8. Its kind, source and instant come first, which `describeRecord` relies on. */
export function encodeRecord(record: LogRecord): Buffer {
  const { kind, source, receivedAt, requestIp } = record
  return Buffer.from(JSON.stringify({ kind, source, receivedAt, requestIp, ...contentOf(record) }))
}

function contentOf(record: LogRecord): object {
  switch (record.kind) {
    case 'event':
      return { event: record.event }
    case 'rejected':
      return { reason: record.reason, body: record.body }
    case 'erased':
      return {}
  }
}

/**
 * What an erasure leaves of a record's bytes: source and instant, padded so that what follows stays in its place.
 * @throws MusterError `log_corrupt`
 */
export function erasedPayload(payload: Buffer): Buffer {
  const { source, receivedAt } = decodeRecord(payload)
  const erased = encodeRecord({ kind: 'erased', source, receivedAt, requestIp: '' })
  return Buffer.concat([erased, Buffer.alloc(payload.length, ' ')], payload.length)
}

/** @throws MusterError `log_corrupt` for bytes that `encodeRecord` did not make */
export function decodeRecord(payload: Buffer): LogRecord {
  const value = parse(payload)
  if (isJsonObject(value) && KINDS.has(value.kind)) {
    // The frame's checksum held: these are the bytes that encodeRecord made of a LogRecord.
    return value as unknown as LogRecord
  }
  throw new MusterError('log_corrupt', `a record of the log is of no known kind: ${excerpt(payload)}`)
}

/** Source and instant of a record without parsing all of it; undefined for what is erased and for payloads `encodeRecord` did not make. */
export function describeRecord(payload: Buffer): { source: string | null; receivedAt: string } | undefined {
  const match = PREFIX.exec(payload.toString('utf8', 0, PREFIX_BYTES))
  if (match === null) return undefined
  const source: unknown = JSON.parse(match[1] ?? 'null')
  return { source: typeof source === 'string' ? source : null, receivedAt: match[2] ?? '' }
}

function parse(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'))
  } catch (error) {
    throw new MusterError('log_corrupt', `a record of the log is not JSON: ${messageOf(error)}: ${excerpt(payload)}`, {
      cause: error,
    })
  }
}

function excerpt(payload: Buffer): string {
  return JSON.stringify(payload.toString('utf8', 0, 80))
}
