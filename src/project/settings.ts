/** Settings: what `muster.yaml` says for one environment, with the defaults filled in. */
import { resolve } from 'node:path'
import { readDestinations } from './destination-settings.ts'
import { parseDuration } from './duration.ts'
import { isUnused, knowsEnvironment, prefixOf } from './environments.ts'
import { readIdentity } from './identity-settings.ts'
import { missingProblem } from './missing-variables.ts'
import type { MusterFile } from './muster-file.ts'
import type { Listen, LogSettings, Project } from './project.ts'
import type { Report } from './report.ts'
import { parseSize } from './size.ts'
import { readSourceTables } from './source-tables.ts'
import { DEDUP_WINDOW, readSources } from './sources.ts'
import { checkTimezone } from './timezone.ts'
import { readWarehouse } from './warehouse-settings.ts'
import type { YamlTree } from './yaml-tree.ts'

export interface SettingsInput {
  /** Absolute. */
  readonly root: string
  readonly env: string
  /** What of the file follows the format. */
  readonly file: MusterFile
  readonly tree: YamlTree
  readonly report: Report
}

export type Settings = Omit<Project, 'root' | 'name' | 'env' | 'models' | 'audiences'>

export async function readSettings(input: SettingsInput): Promise<Settings> {
  const { root, env, file, tree, report } = input
  if (knowsEnvironment(file, tree, env)) {
    report(...tree.missing.filter(({ path }) => !isUnused(file, env, tree, path)).map(missingProblem))
  }
  checkTimezone(file, tree, report)
  const sourceTables = await readSourceTables(input)
  return {
    prefix: prefixOf(file, env),
    timezone: file.timezone ?? 'UTC',
    warehouse: readWarehouse(input),
    log: logSettings(root, file.log),
    landing: {
      events: file.landing?.events ?? 50_000,
      withinMs: parseDuration(file.landing?.within ?? '') ?? 2000,
    },
    dedupWindowMs: parseDuration(file.dedup_window ?? DEDUP_WINDOW) ?? 0,
    listen: listenSettings(file.listen),
    sources: await readSources(input),
    sourceTables,
    identity: readIdentity(input, sourceTables),
    destinations: readDestinations(input),
  }
}

function logSettings(
  root: string,
  { path, max_disk, archive = true }: NonNullable<MusterFile['log']> = {},
): LogSettings {
  return {
    dir: resolve(root, path ?? '.muster/log'),
    maxDiskBytes: parseSize(max_disk ?? '') ?? 20e9,
    ...(archive === false ? {} : { archive: archiveSettings(root, archive) }),
  }
}

function archiveSettings(root: string, archive: Exclude<NonNullable<MusterFile['log']>['archive'], undefined | false>) {
  if (archive === true) return { kind: 'folder', dir: resolve(root, '.muster/archive') } as const
  if (typeof archive === 'string') return { kind: 'folder', dir: resolve(root, archive) } as const
  const { endpoint, region = 'us-east-1', bucket, prefix = '', access_key_id, secret_access_key } = archive.s3
  const keys = { accessKeyId: access_key_id, secretAccessKey: secret_access_key }
  return { kind: 's3', endpoint, region, bucket, prefix, ...keys } as const
}

/** This machine and private networks (RFC 1918, RFC 4193): where proxies of one's own are. */
const PRIVATE_NETWORKS = ['127.0.0.0/8', '::1', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']

function listenSettings({
  host = '127.0.0.1',
  port = 8080,
  trusted_proxies: trustedProxies = PRIVATE_NETWORKS,
  public_url: publicUrl,
}: NonNullable<MusterFile['listen']> = {}): Listen {
  return { host, port, trustedProxies, ...(publicUrl === undefined ? {} : { publicUrl }) }
}
