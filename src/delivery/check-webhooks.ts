/**
 * Checks the `webhook:` of a project's sources against the connectors they name.
 */
import type { Problem } from '../core/problems.ts'
import type { Project, Webhook } from '../project/index.ts'
import { suggest } from '../project/suggest.ts'
import { loadWebhookConnectors, type WebhookConnector } from './webhook-connector.ts'

/** Every mistake in what sources say of connectors, at the place of `webhook:`. Throws `connector_invalid`. */
export async function checkWebhooks({ root, sources }: Pick<Project, 'root' | 'sources'>): Promise<readonly Problem[]> {
  const webhooks = Object.values(sources).flatMap(({ webhook }) => webhook ?? [])
  if (webhooks.every(({ connector }) => connector === undefined)) return []
  const connectors = await loadWebhookConnectors(root)
  return webhooks.flatMap((webhook) => problemsOf(webhook, connectors))
}

function problemsOf(
  { connector: wanted, secrets, file, line, column }: Webhook,
  connectors: ReadonlyMap<string, WebhookConnector>,
): readonly Problem[] {
  if (wanted === undefined) return []
  const at = { severity: 'error', file, line, column } as const
  const connector = connectors.get(wanted)
  if (!connector) {
    const message = `there is no connector \`${wanted}\` for webhooks`
    return [{ ...at, code: 'unknown_connector', message, hint: suggest(wanted, [...connectors.keys()]) }]
  }
  if (connector.signature && secrets.length === 0) {
    const message = `\`secret\` is missing: ${connector.title} signs its webhooks, and anyone could send them unsigned`
    const hint = `write \`secret: "\${${wanted.toUpperCase()}_WEBHOOK_SECRET}"\``
    return [{ ...at, code: 'missing_key', message, hint }]
  }
  if (!connector.signature && secrets.length > 0) {
    const message = `\`secret\` has no use: ${connector.title} does not sign its webhooks`
    return [{ ...at, code: 'conflicting_keys', message, hint: 'leave it out' }]
  }
  return []
}
