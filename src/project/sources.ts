import { parseDuration } from './duration.ts'
import type { MusterFile } from './muster-file.ts'
import type { RateLimit, Source } from './project.ts'
import { problem } from './report.ts'
import type { SettingsInput } from './settings.ts'
import { parseSize } from './size.ts'
import { readWebhook } from './webhook-settings.ts'

type SourceSettings = NonNullable<MusterFile['sources']>[string]

/** The sources; two with one write key, or with one path, could not be told apart. */
export async function readSources(input: SettingsInput): Promise<Readonly<Record<string, Source>>> {
  const settings = input.file.sources ?? {}
  reportSharedKeys(input, settings)
  reportPaths(input, settings)
  const sources: Record<string, Source> = {}
  for (const [name, source] of Object.entries(settings)) {
    const webhook = await readWebhook(input, name)
    const place = input.tree.keyPlace(['sources', name])
    sources[name] = { name, ...sourceOf(source), ...(webhook === undefined ? {} : { webhook }), ...place }
  }
  return sources
}

function sourceOf({
  write_key: writeKey,
  enabled = true,
  on_invalid: onInvalid = 'quarantine',
  max_event_size,
  rate_limit,
  origins,
  paths = {},
  json_paths: jsonPaths = [],
  store_full_event: storesEvents = false,
}: SourceSettings): Omit<Source, 'name' | 'webhook' | 'file' | 'line' | 'column'> {
  const maxEventBytes = max_event_size === undefined ? undefined : parseSize(max_event_size)
  const rateLimit = rate_limit && rateLimitOf(rate_limit)
  return {
    writeKey,
    enabled,
    onInvalid,
    ...(maxEventBytes === undefined ? {} : { maxEventBytes }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
    ...(origins === undefined ? {} : { origins }),
    paths,
    ...(jsonPaths.length > 0 || storesEvents ? { tables: { jsonPaths, storesEvents } } : {}),
  }
}

function rateLimitOf({ events, within }: NonNullable<SourceSettings['rate_limit']>): RateLimit | undefined {
  const withinMs = parseDuration(within)
  return withinMs === undefined ? undefined : { events, withinMs }
}

function reportSharedKeys({ tree, report }: SettingsInput, sources: Readonly<Record<string, SourceSettings>>): void {
  const holders = new Map<string, string>()
  for (const [name, { write_key }] of Object.entries(sources)) {
    const other = holders.get(write_key)
    holders.set(write_key, name)
    if (other === undefined) continue
    const message = `sources \`${other}\` and \`${name}\` have the same write key`
    report(
      problem('duplicate_write_key', tree.place(['sources', name, 'write_key']), message, 'give each source its own'),
    )
  }
}

/** First parts of paths with a meaning of their own. */
const TAKEN: ReadonlySet<string> = new Set([
  'beacon',
  'docs',
  'graphql',
  'health',
  'healthz',
  'internal',
  'metrics',
  'pixel',
  'readyz',
  'sourceConfig',
  'v1',
  'version',
])

function reportPaths({ tree, report }: SettingsInput, sources: Readonly<Record<string, SourceSettings>>): void {
  const holders = new Map<string, string>()
  for (const [name, { paths = {} }] of Object.entries(sources)) {
    for (const own of Object.keys(paths)) {
      const place = tree.keyPlace(['sources', name, 'paths', own])
      const first = own.split('/')[1] ?? ''
      if (first === '' || TAKEN.has(first)) {
        report(
          problem('path_taken', place, `\`${own}\` has a meaning already`, 'choose a path of your own, such as /kite'),
        )
      }
      const other = holders.get(own)
      holders.set(own, name)
      if (other === undefined) continue
      const message = `sources \`${other}\` and \`${name}\` both have the path \`${own}\``
      report(problem('duplicate_path', place, message, 'give each source its own'))
    }
  }
}
