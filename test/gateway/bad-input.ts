import { type RequestParts, requestBytes } from './http-request.ts'
import type { Script } from './raw-client.ts'

/**
 * A request as no good client sends it, and what is certain about the answer.
 */
export interface BadInput {
  readonly name: string
  /** What is sent, with the write key of a source that is the case's own. */
  readonly script: (key: string) => Script
  /** In order. Further answers may only be refusals by the HTTP parser, to bytes that no answer is owed for. */
  readonly answers: readonly Expected[]
  /** Whether the client goes before it is answered: what it sent may be kept as refused. */
  readonly leaves?: boolean
}

export interface Expected {
  readonly statuses: readonly number[]
  /** Records of accepted events if the answer is 200: anything else stores none. Absent: one or none. */
  readonly events?: number
  /** Records of refused events if the answer is 200; a request refused as a whole leaves one or none. */
  readonly rejected?: number
}

/** Refused as a whole, with one of the statuses. */
export function refused(...statuses: number[]): Expected {
  return { statuses }
}

/** 200, and exactly these records. */
export function kept(events: number, rejected = 0): Expected {
  return { statuses: [200], events, rejected }
}

/** As `kept`, or refused as a whole with one of the statuses. */
export function keptOr(events: number, ...statuses: number[]): Expected {
  return { statuses: [200, ...statuses], events, rejected: 0 }
}

/** Whatever an endpoint may say to what is not meant for it. */
export const ANY: Expected = { statuses: [200, 204, 400, 401, 403, 404, 405, 413, 415, 431] }

/** A case of one request that differs from a good one by `parts`. */
export function bad(name: string, parts: RequestParts, ...answers: Expected[]): BadInput {
  const bodiless = parts.method === 'HEAD'
  return { name, script: (key) => ({ bytes: requestBytes(key, parts), bodiless }), answers }
}

/** A case of one body, sent to a path. */
export function body(
  name: string,
  content: NonNullable<RequestParts['body']>,
  answer: Expected,
  target?: string,
): BadInput {
  return bad(name, { body: content, ...(target !== undefined && { target }) }, answer)
}

/** A case of bytes that are no single request. */
export function bytes(
  name: string,
  make: (key: string) => Buffer | string,
  answers: readonly Expected[],
  then?: Script['then'],
): BadInput {
  const script = (key: string) => ({ bytes: Buffer.from(make(key)), ...(then !== undefined && { then }) })
  return { name, script, answers, leaves: then !== undefined }
}

/** `count` places spread evenly over the inside of something so long. */
export function placesIn(length: number, count: number): readonly number[] {
  return [...new Set(Array.from({ length: count }, (_, index) => 1 + Math.floor((index * (length - 1)) / count)))]
}

/** The texts between white space, written as they are: no escape means anything. */
export function words({ raw }: TemplateStringsArray): readonly string[] {
  return raw.join('').trim().split(/\s+/)
}
