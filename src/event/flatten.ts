import { isJsonObject, type JsonObject } from './event.ts'
import type { JsonPaths } from './json-paths.ts'
import type { PathNode, Paths } from './paths.ts'
import type { RowValues } from './row-values.ts'
import { isSpelledText, spelledText } from './spelled-text.ts'
import { type ColumnValue, columnValue, jsonText, sameValue } from './value.ts'

/** Takes a value that fits nowhere: its column, or its path in the event where it has none. */
export type OnDiscard = (column: string, value: unknown, reason: string) => void

/** Where the columns of members go. */
export interface Target {
  readonly values: RowValues
  readonly paths: Paths
  readonly limit: number
  /** Columns the members have brought so far. */
  count: number
  readonly discard: OnDiscard
}

/** How a column's value is chosen where there is one already: the later path's, or the one that is there. */
type Precedence = 'later' | 'earlier'

/**
 * Flattens nested objects into columns: paths joined by `_`; of two paths with the same column, the later one with the keys in
 * sorted order wins. null, '', [], [''] and {} make no column. What is no object itself goes to the discards as `name`.
 */
export function flatten(member: unknown, name: string, target: Target, json?: JsonPaths): void {
  if (!isJsonObject(member)) {
    if (columnValue(member) !== undefined) target.discard(name, member, `${name} is not an object`)
  } else if (name === 'traits' && isSpelledText(member)) {
    target.discard(name, spelledText(member), 'traits is a text, not an object')
  } else flattenObject(member, target.paths.beginMember(), target, 'later', json)
}

/** Flattens what the columns may have besides: what is there already stays, and nothing is discarded. */
export function flattenBeside(member: unknown, target: Target): void {
  if (!isJsonObject(member) || isSpelledText(member)) return
  flattenObject(member, target.paths.beginMember(), { ...target, discard: () => undefined }, 'earlier')
}

function flattenObject(
  object: JsonObject,
  parent: PathNode,
  target: Target,
  precedence: Precedence,
  json?: JsonPaths,
): void {
  // Parsed JSON has own members only, and listing them would make garbage for each event.
  for (const key in object) {
    const value = object[key]
    if (value === '' || value === null) continue
    const node = target.paths.child(parent, key)
    const inner = json?.get(key)
    if (inner === 'whole') put(node, value, wholeValue(value), target, precedence)
    else if (isJsonObject(value)) flattenObject(value, node, target, precedence, inner)
    else put(node, value, columnValue(value), target, precedence)
  }
}

/** A subtree that stays JSON; what makes no column of itself makes none as JSON either. */
function wholeValue(value: unknown): ColumnValue | undefined {
  const isFilled = isJsonObject(value) ? Object.keys(value).length > 0 : columnValue(value) !== undefined
  return isFilled ? { type: 'json', value: jsonText(value) } : undefined
}

function put(
  node: PathNode,
  sent: unknown,
  value: ColumnValue | undefined,
  target: Target,
  precedence: Precedence,
): void {
  if (value === undefined) return
  const { values, paths, limit, discard } = target
  const { column } = node
  if (column === undefined) return discard(node.path, sent, 'the name holds no ASCII letter or digit')
  if (value.type === 'float' && !Number.isFinite(sent)) return discard(column, sent, 'the number is too large')
  const taken = values.get(column)
  if (taken !== undefined) {
    if (!takesOver(node, column, value, taken, target, precedence)) return
  } else {
    if (node.isReserved) return discard(column, sent, OWN)
    if (target.count >= limit) return discard(column, sent, `the event has over ${limit} columns`)
    target.count += 1
  }
  if (value.type === 'float' && isRounded(sent)) discard(column, sent, ROUNDED)
  values.set(column, value)
  paths.hold(node)
}

const OWN = "the column is one of the event's own"
const ROUNDED = 'rounded, for it is a whole number beyond 2^53: send it as a string'

/** Whether the value goes in place of another; the one without a place goes to the discards. */
function takesOver(
  node: PathNode,
  column: string,
  value: ColumnValue,
  taken: ColumnValue,
  { paths, discard }: Target,
  precedence: Precedence,
): boolean {
  const holder = paths.holder(column)
  if (holder === undefined) {
    if (asText(taken) !== asText(value)) discard(column, value.text ?? value.value, OWN)
    return false
  }
  const wins = paths.isAfter(node, holder) && (precedence === 'later' || paths.isOfThisTurn(holder))
  if (!sameValue(taken, value)) {
    const loser = wins ? taken : value
    discard(column, loser.text ?? loser.value, 'a later value has the same column name')
  }
  if (wins) holder.holds = 0
  return wins
}

function asText({ text, value }: ColumnValue): string {
  return text ?? String(value)
}

/** Beyond 2^53 neighbouring whole numbers are the same double; those written with an exponent were no more exact before. */
function isRounded(value: unknown): boolean {
  return Number.isInteger(value) && Math.abs(Number(value)) < 1e21
}
