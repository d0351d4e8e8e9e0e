import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { MusterError } from '../core/errors.ts'
import { formatProblem } from '../core/problems.ts'
import { checkWebhooks, loadWebhookConnectors, type WebhookConnector } from '../delivery/index.ts'
import { type RuntimeConfigInput, suppressionsFile } from '../gateway/index.ts'
import type { Project, Source, Webhook } from '../project/index.ts'
import { serverPaths } from './paths.ts'

type RuntimeSourceInput = RuntimeConfigInput['sources'][number]

/** What the collector must know of the project. Throws `project_invalid` where a webhook and its connector disagree. */
export async function runtimeConfigOf(project: Project): Promise<RuntimeConfigInput> {
  const problems = await checkWebhooks(project)
  if (problems.length > 0) throw new MusterError('project_invalid', problems.map(formatProblem).join('\n'))
  const connectors = await loadWebhookConnectors(project.root)
  const { trustedProxies, publicUrl } = project.listen
  return {
    version: 1,
    sources: Object.values(project.sources).map((source) => sourceOf(source, connectors)),
    socketPath: serverPaths(project).socket,
    suppressionsFile: suppressionsFile(project.root, project.env),
    trustedProxies,
    ...(publicUrl === undefined ? {} : { publicUrl }),
  }
}

/** Changes whenever a file does that the collector's configuration is made of: muster.yaml and the maps of webhooks. */
export async function runtimeState({ root, sources }: Project): Promise<string> {
  const maps = Object.values(sources).flatMap(({ webhook }) => webhook?.map?.file ?? [])
  const states = await Promise.all(['muster.yaml', ...maps].map((file) => stateOf(join(root, file))))
  return states.join(' ')
}

async function stateOf(file: string): Promise<string> {
  try {
    const { mtimeMs, size } = await stat(file)
    return `${mtimeMs}:${size}`
  } catch {
    return 'none'
  }
}

function sourceOf(
  { file: _, line: __, column: ___, tables: ____, retention: _____, webhook, ...source }: Source,
  connectors: ReadonlyMap<string, WebhookConnector>,
): RuntimeSourceInput {
  const resolved = webhook && webhookOf(webhook, connectors)
  return { ...source, ...(resolved && { webhook: resolved }) }
}

/** The map and the scheme are the project's, or else the connector's. */
function webhookOf(
  { connector: name, map: own, signature: ownScheme, secrets }: Webhook,
  connectors: ReadonlyMap<string, WebhookConnector>,
): RuntimeSourceInput['webhook'] {
  const connector = name === undefined ? undefined : connectors.get(name)
  const map = own ?? connector?.map
  const scheme = ownScheme ?? connector?.signature
  return map && { map, ...(scheme && { signature: { ...scheme, secrets } }) }
}
