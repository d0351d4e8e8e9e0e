import { type JsonPathsByType, jsonPathsOf } from './json-paths.ts'

/** What a source's settings say of its tables. */
export interface SourceShape {
  readonly jsonPaths: JsonPathsByType
  readonly jsonPathTexts: readonly string[]
  /** Whether the table of each type keeps the whole event, in `rudder_event`. */
  readonly storesEvents: boolean
}

/** @param jsonPaths members that stay JSON, such as `track.properties.cart` */
export function sourceShape(jsonPaths: readonly string[], storesEvents: boolean): SourceShape {
  return { jsonPaths: jsonPathsOf(jsonPaths), jsonPathTexts: jsonPaths, storesEvents }
}
