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
  return isNormal(text) ? parseNormal(text) : parseAny(text)
}

/** Most instants are in normal form, and no pattern need be matched for them. */
function parseNormal(text: string): number | undefined {
  const date = digits(text, 0, 4) * 10_000 + digits(text, 5, 2) * 100 + digits(text, 8, 2)
  const clock = digits(text, 11, 2) * 10_000 + digits(text, 14, 2) * 100 + digits(text, 17, 2)
  const milliseconds = digits(text, 20, 3)
  if (Number.isNaN(date + clock + milliseconds)) return undefined
  const days = daysSinceEpoch(Math.floor(date / 10_000), Math.floor(date / 100) % 100, date % 100)
  const seconds = secondsOfDay(Math.floor(clock / 10_000), Math.floor(clock / 100) % 100, clock % 100)
  if (days === undefined || seconds === undefined) return undefined
  return inRange(days * 86_400_000 + seconds * 1000 + milliseconds)
}

/** The number that so many digits mean; NaN if one is none. */
function digits(text: string, at: number, count: number): number {
  let number = 0
  for (let index = at; index < at + count; index++) {
    const digit = text.charCodeAt(index) - 48
    if (digit < 0 || digit > 9) return Number.NaN
    number = number * 10 + digit
  }
  return number
}

function parseAny(text: string): number | undefined {
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
  return startOf(year, month - 1, day) / 86_400_000
}

/** Date.UTC takes the years 0 to 99 for those of the last century. */
function startOf(year: number, month: number, day: number): number {
  return year >= 100
    ? Date.UTC(year, month, day)
    : new Date(Date.UTC(2000, month, day)).setUTCFullYear(year, month, day)
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
  const normal = normalText(receivedAt, received)
  const corrected = inRange(received - ((sent ?? received) - (original ?? received))) ?? received
  return {
    timestamp:
      own === undefined ? (corrected === received ? normal : toIso(corrected)) : normalText(event.timestamp, own),
    receivedAt: normal,
    sentAt: sent === undefined ? normal : normalText(event.sentAt, sent),
    originalTimestamp: original === undefined ? normal : normalText(event.originalTimestamp, original),
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

/** Whether a text has the form of an instant in normal form. */
function isNormal(text: string): boolean {
  if (text.length !== 24 || text[4] !== '-' || text[7] !== '-' || text[10] !== 'T') return false
  return text[13] === ':' && text[16] === ':' && text[19] === '.' && text[23] === 'Z'
}

function instantOf(value: unknown): number | undefined {
  return typeof value === 'string' ? parseInstant(value) : undefined
}

/** An instant as ISO text in UTC with milliseconds. */
export function toIso(instant: number): string {
  return new Date(instant).toISOString()
}
