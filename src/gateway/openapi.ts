/** The description of the gateway, in openapi.yaml. These types name what the page shows of OpenAPI 3.1. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { packageVersion } from '../core/package-root.ts'

export interface OpenApi {
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, PathItem | Reference>>
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, { readonly description: string }>>
    readonly schemas: Readonly<Record<string, Schema>>
  }
}

export interface Reference {
  readonly $ref: string
}

export interface PathItem {
  readonly get?: Operation
  readonly post?: Operation
}

export interface Operation {
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  readonly parameters?: readonly (Parameter | Reference)[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, Answer | Reference>>
}

export interface Parameter {
  readonly name: string
  readonly required?: boolean
  readonly description?: string
  readonly schema: Schema
}

export interface Answer {
  readonly description: string
  readonly content?: Content
}

/** By media type. */
export type Content = Readonly<Record<string, Media>>

export interface Media {
  readonly schema?: Schema
  readonly example?: unknown
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>
}

export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly allOf?: readonly Schema[]
  readonly items?: Schema
}

let read: OpenApi | undefined

/** The document, with this package's version. */
export function openApi(): OpenApi {
  read ??= versioned(readFileSync(new URL('./openapi.yaml', import.meta.url), 'utf8'))
  return read
}

function versioned(text: string): OpenApi {
  // A test holds the file against OpenAPI's own schema.
  const document = parse(text) as OpenApi
  return { ...document, info: { ...document.info, version: packageVersion() } }
}

/** What a reference such as `#/components/responses/TooLarge` points at; anything else as it is. */
export function resolved<T extends object>(document: OpenApi, value: T | Reference): T {
  if (!('$ref' in value) || typeof value.$ref !== 'string') return value as T
  const keys = value.$ref.slice(2).split('/')
  // The document's references are of the types that stand in their places.
  return keys.reduce<unknown>((at, key) => (at as Record<string, unknown>)[unescaped(key)], document) as T
}

/** The last part of a reference. */
export function referenceName(reference: string): string {
  return unescaped(reference.slice(reference.lastIndexOf('/') + 1))
}

/** RFC 6901. */
function unescaped(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~')
}
