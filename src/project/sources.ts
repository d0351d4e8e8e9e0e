import { parseDuration } from './duration.ts'
import type { MusterFile } from './muster-file.ts'
import type { RateLimit, Retention, Source } from './project.ts'
import { problem } from './report.ts'
import type { SettingsInput } from './settings.ts'
import { parseSize } from './size.ts'
import { readWebhook } from './webhook-settings.ts'

type SourceSettings = NonNullable<MusterFile['sources']>[string]

/** Of `dedup_window` where the file says none. */
export const DEDUP_WINDOW = '7d'

/** The sources; two with one write key, or with one path, could not be told apart. */
export async function readSources(input: SettingsInput): Promise<Readonly<Record<string, Source>>> {
  const settings = input.file.sources ?? {}
  reportSharedKeys(input, settings)
  reportPaths(input, settings)
  reportShortRetention(input, settings)
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
  retention,
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
    ...(retention === undefined ? {} : { retention: retentionOf(retention) }),
  }
}

function rateLimitOf({ events, within }: NonNullable<SourceSettings['rate_limit']>): RateLimit | undefined {
  const withinMs = parseDuration(within)
  return withinMs === undefined ? undefined : { events, withinMs }
}

function retentionOf({ events = '', archive = '' }: NonNullable<SourceSettings['retention']>): Retention {
  const eventsMs = parseDuration(events)
  const archiveMs = parseDuration(archive)
  return { ...(eventsMs === undefined ? {} : { eventsMs }), ...(archiveMs === undefined ? {} : { archiveMs }) }
}

/** Rows must stay for as long as later copies of their events are looked for among them. */
function reportShortRetention(
  { tree, report, file }: SettingsInput,
  sources: Readonly<Record<string, SourceSettings>>,
): void {
  const dedupWindow = file.dedup_window ?? DEDUP_WINDOW
  for (const [name, { retention }] of Object.entries(sources)) {
    const kept = parseDuration(retention?.events ?? '')
    if (kept === undefined || kept >= (parseDuration(dedupWindow) ?? 0)) continue
    const message = `events of \`${name}\` are kept for less than \`dedup_window\` (${dedupWindow}), so copies would land again`
    const place = tree.place(['sources', name, 'retention', 'events'])
    report(problem('retention_too_short', place, message, 'keep them longer, or shorten `dedup_window`'))
  }
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
