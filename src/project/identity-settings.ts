/** Identity settings: the types of identifiers a project knows, each with its rules. */
import { jsonataFault } from './jsonata-text.ts'
import type { IdentifierType, IdentitySettings, SourceTable } from './project.ts'
import { problem } from './report.ts'
import type { SettingsInput } from './settings.ts'

type Rules = Omit<IdentifierType, 'name'>

const USER = { entity: 'user', normalize: 'trim', limit: 5, sharedAbove: 10, blocked: [] } as const satisfies Rules

/** What is known of types by their names. A device may be anybody's, but has one user at a time. */
const KNOWN: Readonly<Record<string, Rules>> = {
  user_id: { ...USER, limit: 1 },
  email: { ...USER, normalize: 'email' },
  phone: { ...USER, normalize: 'phone' },
  anonymous_id: { ...USER, limit: 1000, sharedAbove: 1 },
  group_id: { ...USER, entity: 'account' },
}

const PRIORITY = ['user_id', 'email', 'phone', 'anonymous_id', 'group_id']

/** The owner of an event row is found by these in the loader, where nothing but SQL is at hand. */
const OWNERS = ['user_id', 'anonymous_id']

export function readIdentity(input: SettingsInput, sourceTables: readonly SourceTable[]): IdentitySettings {
  const { priority = PRIORITY, types = {}, events = {}, blocked = [], limits = 'on' } = input.file.identity ?? {}
  checkPriority(input, priority)
  const used = [...sourceTables.flatMap(({ identifiers }) => Object.keys(identifiers))]
  const inEvents = Object.values(events).flatMap((columns) => Object.keys(columns))
  const names = new Set([...priority, ...Object.keys(types), ...used, ...inEvents, ...OWNERS, 'group_id'])
  checkBlocked(input, ['identity', 'blocked'], blocked)
  const read = [...names].map((name) => readType(input, name))
  return {
    types: [...read.filter(({ entity }) => entity === 'user'), ...read.filter(({ entity }) => entity === 'account')],
    events,
    blocked,
    limited: limits === 'on',
  }
}

function readType(input: SettingsInput, name: string): IdentifierType {
  const known = KNOWN[name] ?? USER
  const { entity, normalize, expression, country, limit, shared_above, blocked } =
    input.file.identity?.types?.[name] ?? {}
  checkType(input, name)
  checkBlocked(input, ['identity', 'types', name, 'blocked'], blocked ?? [])
  return {
    name,
    entity: entity ?? known.entity,
    normalize: normalize ?? known.normalize,
    ...(expression === undefined ? {} : { expression }),
    ...(country === undefined ? {} : { country }),
    limit: limit ?? known.limit,
    sharedAbove: shared_above ?? known.sharedAbove,
    blocked: blocked ?? [],
  }
}

function checkPriority({ tree, report }: SettingsInput, priority: readonly string[]): void {
  priority.forEach((type, index) => {
    if (priority.indexOf(type) === index) return
    const place = tree.place(['identity', 'priority', index])
    const written = tree.written(['identity', 'priority', index])
    report(problem('duplicate_value', place, `\`${written}\` is in \`identity.priority\` twice`, 'keep one of them'))
  })
}

function checkType({ file, tree, report }: SettingsInput, name: string): void {
  const { expression, normalize, entity } = file.identity?.types?.[name] ?? {}
  const path = ['identity', 'types', name]
  const fault = expression === undefined ? undefined : jsonataFault(expression, 'muster.yaml')
  if (fault) {
    const hint = 'the text is `$`: `$uppercase($)` is a valid expression'
    report(problem('invalid_value', tree.place([...path, 'expression']), `it does not parse: ${fault.message}`, hint))
  }
  if (!OWNERS.includes(name)) return
  const key = expression !== undefined ? 'expression' : normalize === 'phone' ? 'normalize' : undefined
  if (key !== undefined) {
    const why = `\`${name}\` names the owner of every event as it lands, so it can only be trimmed, lowered or stripped`
    report(problem('invalid_value', tree.place([...path, key]), why, 'use trim, lowercase, email or digits'))
  }
  if (entity === 'account') {
    const why = `\`${name}\` names people: every event has it`
    report(problem('invalid_value', tree.place([...path, 'entity']), why, 'leave `entity` out'))
  }
}

/** The pattern of a blocked value that is written as one, between slashes. */
export function blockedPattern(value: string): string | undefined {
  return /^\/(.+)\/$/s.exec(value)?.[1]
}

function checkBlocked({ tree, report }: SettingsInput, path: readonly string[], blocked: readonly string[]): void {
  blocked.forEach((value, index) => {
    const pattern = blockedPattern(value)
    if (pattern === undefined) return
    try {
      new RegExp(pattern, 'u')
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      const hint = 'between the slashes is a regular expression, as in /^test/'
      report(problem('invalid_value', tree.place([...path, index]), message, hint))
    }
  })
}
