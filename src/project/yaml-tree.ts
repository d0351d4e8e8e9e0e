/**
 * A YAML text as plain data of which every part knows its place.
 *
 * path   the keys and indexes that lead to a value
 */
import { isAlias, isMap, isScalar, isSeq, type Pair, parseDocument, type YAMLMap } from 'yaml'
import { mask, PLAIN_DOLLAR, resolve, unmask, type Variables } from './environment-text.ts'
import { lineIndex } from './line-index.ts'
import type { Place } from './project.ts'
import { problem, type Report } from './report.ts'
import { syntaxProblems } from './yaml-syntax.ts'

export type Path = readonly (string | number)[]

/** A value that waits for environment variables which are not set. */
export interface Missing {
  readonly path: Path
  readonly names: readonly string[]
  readonly place: Place
}

export interface YamlTree {
  /** The keys and values of the file, variables put in; empty when the file cannot be parsed. */
  readonly data: Readonly<Record<string, unknown>>
  /** Whether `data` is what the file says. */
  readonly parsed: boolean
  readonly missing: readonly Missing[]
  has(path: Path): boolean
  /** Where the value is; the nearest part around it when there is none. */
  place(path: Path): Place
  /** Where the key is. */
  keyPlace(path: Path): Place
  /** A scalar as the file has it, with `${NAME}` unresolved; undefined for maps and lists. */
  written(path: Path): string | undefined
  /** Whether a variable is part of the value. */
  fromEnvironment(path: Path): boolean
  /** Whether the value is text only because nothing says that it must be a number or a truth value. */
  convertible(path: Path): boolean
}

/** No format goes deeper, and the stack is not without end. */
const MAX_DEPTH = 20

interface Part {
  readonly key?: number
  readonly value: number
  readonly written?: string
  readonly fromEnvironment?: boolean
  readonly convertible?: boolean
}

/** Parses a text whose places are those of `file`. Mistakes are reported; missing variables are left to the caller. */
export function parseYaml(text: string, file: string, variables: Variables, report: Report): YamlTree {
  const { placeAt } = lineIndex(text, file)
  const parts = new Map<string, Part>()
  const missing: Missing[] = []
  const fail = (code: string, offset: number, message: string, hint?: string) =>
    report(problem(code, placeAt(offset), message, hint))

  function scalar(value: unknown, source: string, path: Path, offset: number, key: number | undefined): unknown {
    const part = { ...(key === undefined ? {} : { key }), value: offset, written: unmask(source) }
    parts.set(idOf(path), part)
    if (typeof value === 'number') {
      if (String(value) === source) return value
      // A number that would lose digits, such as 007, 25.0 or an id of twenty digits, stays as it is written.
      parts.set(idOf(path), { ...part, convertible: true })
      return source
    }
    if (typeof value !== 'string') return value
    const resolved = resolve(value, variables)
    const { fromEnvironment } = resolved
    if (resolved.malformed) {
      fail('malformed_env', offset, `\`\${\` is not followed by a name and \`}\``, PLAIN_DOLLAR)
    }
    if (resolved.missing.length > 0) missing.push({ path, names: resolved.missing, place: placeAt(offset) })
    parts.set(idOf(path), { ...part, written: unmask(value), fromEnvironment, convertible: fromEnvironment })
    return resolved.text
  }

  function map(node: YAMLMap, path: Path): Record<string, unknown> {
    const data: Record<string, unknown> = {}
    for (const pair of node.items) {
      const { name, offset } = keyOf(pair)
      if (name === undefined || name === '__proto__') {
        fail('yaml_key', offset ?? node.range?.[0] ?? 0, 'a key must be a plain word')
        continue
      }
      const value = convert(pair.value, [...path, name], offset)
      // A key of the file with nothing after it, all of it commented out perhaps, is as good as absent.
      if (!(value === null && path.length === 0)) data[name] = value
    }
    return data
  }

  function convert(node: unknown, path: Path, key?: number): unknown {
    const offset = rangeOf(node) ?? key ?? 0
    if (isScalar(node)) return scalar(node.value, node.source ?? '', path, offset, key)
    parts.set(idOf(path), { ...(key === undefined ? {} : { key }), value: offset })
    if (path.length > MAX_DEPTH) {
      fail('yaml_shape', offset, 'this is nested deeper than anything in this file may be')
      return null
    }
    if (isMap(node)) return map(node, path)
    if (isSeq(node)) return node.items.map((item, index) => convert(item, [...path, index]))
    if (isAlias(node)) fail('yaml_alias', offset, `\`*${node.source}\` repeats another part`, 'write the part out here')
    return null
  }

  const root = parseRoot(text, placeAt, report)
  const at = (path: Path) => parts.get(idOf(path))
  const around = (path: Path): Part => at(path) ?? (path.length === 0 ? { value: 0 } : around(path.slice(0, -1)))
  const data = isMap(root) ? convert(root, []) : {}
  return {
    data: isRecord(data) ? data : {},
    parsed: isMap(root),
    missing,
    has: (path) => parts.has(idOf(path)),
    place: (path) => placeAt(around(path).value),
    keyPlace: (path) => placeAt(around(path).key ?? around(path).value),
    written: (path) => at(path)?.written,
    fromEnvironment: (path) => at(path)?.fromEnvironment ?? false,
    convertible: (path) => at(path)?.convertible ?? false,
  }
}

/** The node of the whole file: a map, also for an empty file; undefined when it cannot be trusted. */
function parseRoot(text: string, placeAt: (offset: number) => Place, report: Report): unknown {
  const document = parseDocument(mask(text), { prettyErrors: false, logLevel: 'silent' })
  const { problems, usable } = syntaxProblems(document, text, placeAt)
  report(...problems)
  if (!usable) return undefined
  if (document.contents === null) return parseDocument('{}').contents
  if (isScalar(document.contents) && document.contents.value === null) return parseDocument('{}').contents
  if (isMap(document.contents)) return document.contents
  const place = placeAt(rangeOf(document.contents) ?? 0)
  report(problem('yaml_shape', place, 'this must be keys with values: lines such as `key: value`'))
  return undefined
}

function keyOf({ key }: Pair): { readonly name?: string; readonly offset?: number } {
  const offset = rangeOf(key)
  if (!isScalar(key) || key.value === null || offset === undefined) return offset === undefined ? {} : { offset }
  const name = typeof key.value === 'string' ? key.value : (key.source ?? String(key.value))
  return { name: unmask(name), offset }
}

function rangeOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined
}

function idOf(path: Path): string {
  return JSON.stringify(path)
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
