/** What zod finds, in the words of the file: which key, what it must be, what was perhaps meant. */
import type { z } from 'zod'
import type { Problem } from '../core/problems.ts'
import { plainName } from './names.ts'
import { at } from './path-edits.ts'
import { problem } from './report.ts'
import { nearest, suggest } from './suggest.ts'
import { isRecord, type Path, type YamlTree } from './yaml-tree.ts'

type Issue = z.core.$ZodIssue

/** The problems of one issue; none where the value only waits for a variable. `format` is the JSON Schema. */
export function issueProblems(issue: Issue, tree: YamlTree, format: object): readonly Problem[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol')
  if (tree.missing.some((missing) => isWithin(path, missing.path))) return []
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(format, path)
    return issue.keys.map((key) => unknownKey(tree, [...path, key], key, known))
  }
  if (issue.code === 'invalid_key') return [badKey(issue, tree, path)]
  if (!tree.has(path)) return [missingKey(tree, path)]
  return [badValue(issue, tree, path)]
}

function unknownKey(tree: YamlTree, path: Path, key: string, known: readonly string[]): Problem {
  return problem('unknown_key', tree.keyPlace(path), `unknown key \`${key}\``, suggest(key, known))
}

function badKey(issue: Issue & { readonly code: 'invalid_key' }, tree: YamlTree, path: Path): Problem {
  const key = String(path.at(-1) ?? '')
  const rule = issue.issues[0]?.message || 'must not be empty'
  const plain = plainName(key)
  const hint = key.includes('.') || plain === '' || plain === key ? '' : `write \`${plain}\``
  return problem('bad_name', tree.keyPlace(path), `the name \`${key}\` ${rule}`, hint)
}

function missingKey(tree: YamlTree, path: Path): Problem {
  const where = path.length > 1 ? ` in \`${dotted(path.slice(0, -1))}\`` : ''
  const key = String(path.at(-1) ?? '')
  const hint = path.length === 1 && key === 'version' ? 'begin the file with `version: 1`' : ''
  return problem('missing_key', tree.keyPlace(path.slice(0, -1)), `\`${key}\` is missing${where}`, hint)
}

function badValue(issue: Issue, tree: YamlTree, path: Path): Problem {
  const value = at(tree.data, path)
  if (value === null) return problem('invalid_value', tree.keyPlace(path), `\`${dotted(path)}\` has no value`)
  const place = tree.place(path)
  if (issue.code === 'invalid_type' && issue.message === '') {
    // A mistaken kind of value is told by its kind alone: it may be a secret in the wrong place.
    const message = `\`${dotted(path)}\` must be ${EXPECTED[issue.expected] ?? issue.expected}, not ${kindOf(value)}`
    const quotable = issue.expected === 'string' && typeof value !== 'object'
    return problem('invalid_value', place, message, quotable ? 'put it in quotes' : '')
  }
  const hint = issue.code === 'invalid_value' ? hintOf(issue.values, tree.written(path)) : ''
  return problem('invalid_value', place, `\`${shown(tree, path)}\` ${ruleOf(issue)}`, hint)
}

function hintOf(values: readonly unknown[], written: string | undefined): string {
  const words = values.filter((value) => typeof value === 'string')
  const near = written === undefined || words.length < 2 ? undefined : nearest(written, words)
  return near === undefined ? '' : `did you mean \`${near}\`?`
}

function ruleOf(issue: Issue): string {
  if (issue.message !== '') return issue.message
  if (issue.code === 'invalid_value') return `must be ${issue.values.join(' or ')}`
  if (issue.code === 'too_small')
    return issue.origin === 'number' || issue.origin === 'int'
      ? `must be at least ${issue.minimum}`
      : 'must not be empty'
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}`
  return 'does not fit'
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'keys with values',
  record: 'keys with values',
  array: 'a list',
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (isRecord(value)) return 'keys with values'
  if (typeof value === 'number') return Number.isInteger(value) ? 'a number' : 'a fraction'
  return typeof value === 'boolean' ? 'true or false' : 'text'
}

/** `key: value` as the file has it; a variable by its name, and settings, which may be secrets, by their key only. */
function shown(tree: YamlTree, path: Path): string {
  const written = tree.written(path)
  const secret =
    path.includes('settings') || path.includes('secret') || ['write_key', 'url'].includes(String(path.at(-1)))
  if (written === undefined || secret) return dotted(path)
  const short = written.length > 60 ? `${written.slice(0, 60)}…` : written
  return `${dotted(path)}: ${short.replace(/\s+/g, ' ') || '""'}`
}

function dotted(path: Path): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${part}`)).join('')
}

function isWithin(path: Path, outer: Path): boolean {
  return outer.every((part, index) => path[index] === part)
}

/** The keys that a JSON Schema knows at a path. */
function keysAt(schema: object, path: Path): readonly string[] {
  let inner: unknown = objectOf(schema)
  for (const part of path) {
    const properties = Reflect.get(Object(inner), 'properties')
    const own = isRecord(properties) && Object.hasOwn(properties, part) ? properties[part] : undefined
    inner = objectOf(own ?? Reflect.get(Object(inner), typeof part === 'number' ? 'items' : 'additionalProperties'))
  }
  return Object.keys(Object(Reflect.get(Object(inner), 'properties')))
}

/** The alternative of a nullable schema that is not null. */
function objectOf(schema: unknown): unknown {
  const alternatives: unknown = Reflect.get(Object(schema), 'anyOf')
  return Array.isArray(alternatives)
    ? alternatives.find((each) => Reflect.get(Object(each), 'type') !== 'null')
    : schema
}
