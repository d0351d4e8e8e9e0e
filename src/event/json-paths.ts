import { type EventType, isEventType, isJsonObject, type JsonObject } from './event.ts'

/** By key: what stays JSON whole, or where such members lie within it. */
export type JsonPaths = ReadonlyMap<string, JsonPaths | 'whole'>

/** By event type, then by member of the event: `track` → `properties` → paths within. */
export type JsonPathsByType = ReadonlyMap<string, ReadonlyMap<string, JsonPaths | 'whole'>>

type Growing = Map<string, Growing | 'whole'>

/**
 * Paths as RudderStack writes them: `track.properties.cart`, `identify.traits.address`, `page.context.extra`; one that does not
 * begin with a type is of a track event's properties.
 */
export function jsonPathsOf(texts: readonly string[]): JsonPathsByType {
  const byType: Growing = new Map()
  for (const text of texts) {
    const keys = keysOf(text)
    if (keys.length > 0) place(byType, keys)
  }
  // Every path has at least three keys, so that types and members are never whole.
  return byType as JsonPathsByType
}

function keysOf(text: string): readonly string[] {
  const keys = text.trim().split('.')
  const [type = ''] = keys
  if (isEventType(type)) return keys.length > 2 ? keys : []
  return type === '' ? [] : ['track', 'properties', ...keys]
}

function place(paths: Growing, [key = '', ...inner]: readonly string[]): void {
  const known = paths.get(key)
  if (known === 'whole') return
  if (inner.length === 0) paths.set(key, 'whole')
  else {
    const within: Growing = known ?? new Map()
    paths.set(key, within)
    place(within, inner)
  }
}

/** Names of the warehouse in `integrations`: the one for all, ours, and those that clients wrote for RudderStack's. */
const WAREHOUSES = ['DATA_WAREHOUSE', 'DUCKDB', 'POSTGRES', 'SNOWFLAKE', 'RS', 'BQ'] as const

/** The paths that an event itself asks to keep as JSON. */
export function requestedJsonPaths(integrations: unknown): readonly string[] {
  if (!isJsonObject(integrations)) return NONE
  const asking = WAREHOUSES.filter((warehouse) => integrations[warehouse] !== undefined)
  return asking.flatMap((warehouse) => textsOf(optionsOf(integrations, warehouse)?.jsonPaths))
}

const NONE: readonly string[] = []

function textsOf(paths: unknown): readonly string[] {
  if (typeof paths === 'string') return paths.split(',')
  return Array.isArray(paths) ? paths.filter((path) => typeof path === 'string') : NONE
}

function optionsOf(integrations: JsonObject, warehouse: string): JsonObject | undefined {
  const settings = integrations[warehouse]
  return isJsonObject(settings) && isJsonObject(settings.options) ? settings.options : undefined
}

/** The paths within a member of an event. */
export function jsonPathsOfMember(
  paths: JsonPathsByType | undefined,
  type: EventType,
  member: string,
): JsonPaths | undefined {
  const within = paths?.get(type)?.get(member)
  return within === 'whole' ? undefined : within
}
