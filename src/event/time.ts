import type { AcceptedEvent } from './event.ts'

/** Date, or date-time whose offset may be missing (UTC then). */
const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:[Zz]|([+-])(\d\d):?(\d\d)?)?)?$/

const MAX_LENGTH = 40
const YEAR_1 = Date.parse('0001-01-01T00:00:00.000Z')
const YEAR_9999_END = Date.parse('9999-12-31T23:59:59.999Z')

/**
 * Milliseconds since 1970 of an ISO 8601 date or date-time of the years 1 to 9999; undefined for anything else,
 * also for days and hours that do not exist. Digits after the millisecond are cut.
 */
export function parseInstant(text: string): number | undefined {
  if (text.length < 10 || text.length > MAX_LENGTH || text.charCodeAt(4) !== 45) return undefined
  const match = ISO.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, fraction, sign, offsetHour, offsetMinute] = match
  const days = daysSinceEpoch(Number(year), Number(month), Number(day))
  const seconds = secondsOfDay(Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0))
  const offset = secondsOfDay(Number(offsetHour ?? 0), Number(offsetMinute ?? 0), 0)
  if (days === undefined || seconds === undefined || offset === undefined) return undefined
  const milliseconds = fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'))
  return inRange(days * 86_400_000 + (seconds - (sign === '-' ? -offset : offset)) * 1000 + milliseconds)
}

function daysSinceEpoch(year: number, month: number, day: number): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > daysOfMonth(year, month)) return undefined
  const at = Date.UTC(2000, month - 1, day)
  return (year >= 100 ? Date.UTC(year, month - 1, day) : new Date(at).setUTCFullYear(year, month - 1, day)) / 86_400_000
}

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

function secondsOfDay(hour: number, minute: number, second: number): number | undefined {
  return hour < 24 && minute < 60 && second < 60 ? hour * 3600 + minute * 60 + second : undefined
}

function inRange(instant: number): number | undefined {
  return instant >= YEAR_1 && instant <= YEAR_9999_END ? instant : undefined
}

/** The instants of an event, ISO in UTC with milliseconds. */
export interface EventTimes {
  /** When it happened, by the server's clock. */
  readonly timestamp: string
  readonly receivedAt: string
  readonly sentAt: string
  readonly originalTimestamp: string
}

/**
 * `timestamp` is the event's own if valid, else receivedAt − (sentAt − originalTimestamp), which takes the device's
 * wrong clock out. Missing or invalid sentAt and originalTimestamp are receivedAt. Throws where that is no instant.
 */
export function eventTimes(event: AcceptedEvent, receivedAt: string): EventTimes {
  const received = parseInstant(receivedAt)
  if (received === undefined) throw new RangeError(`"${receivedAt}" is not an instant`)
  const sent = instantOf(event.sentAt)
  const original = instantOf(event.originalTimestamp)
  const own = instantOf(event.timestamp)
  const corrected = inRange(received - ((sent ?? received) - (original ?? received))) ?? received
  return {
    timestamp: own === undefined ? toIso(corrected) : normalText(event.timestamp, own),
    receivedAt: normalText(receivedAt, received),
    sentAt: sent === undefined ? normalText(receivedAt, received) : normalText(event.sentAt, sent),
    originalTimestamp:
      original === undefined ? normalText(receivedAt, received) : normalText(event.originalTimestamp, original),
  }
}

/** Whether a JSON value is a string that means an instant. */
export function isInstant(value: unknown): value is string {
  return instantOf(value) !== undefined
}

/** The normal form of an instant's text: ISO in UTC with milliseconds. */
export function normalText(text: unknown, instant: number): string {
  return typeof text === 'string' && isNormal(text) ? text : toIso(instant)
}

/** Of texts that mean an instant, those in normal form; most are, and need not be made again. */
function isNormal(text: string): boolean {
  return text.length === 24 && text[10] === 'T' && text[19] === '.' && text[23] === 'Z'
}

function instantOf(value: unknown): number | undefined {
  return typeof value === 'string' ? parseInstant(value) : undefined
}

/** An instant as ISO text in UTC with milliseconds. */
export function toIso(instant: number): string {
  return new Date(instant).toISOString()
}
