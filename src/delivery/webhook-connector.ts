/**
 * Webhook connectors: folders with a `webhook.yaml`, which say how a vendor signs what it sends, and a `webhook.jsonata`,
 * which makes events of it. Discovered in Muster's own `connectors/` and in the project's.
 */
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { MusterError, messageOf } from '../core/errors.ts'
import type { SignatureScheme, WebhookMap } from '../project/index.ts'
import { jsonataFault } from '../project/jsonata-text.ts'
import { signatureScheme } from '../project/webhook-format.ts'
import { meaninglessKeys, schemeOf } from '../project/webhook-settings.ts'
import { connectorFolders } from './connector-folders.ts'

const manifestSchema = z.strictObject({
  title: z.string().min(1),
  description: z.string().min(1),
  docs: z.url().describe("The vendor's documentation of its webhooks."),
  signature: signatureScheme.optional().describe('How the vendor signs; absent: it does not.'),
})

export interface WebhookConnector {
  /** The folder's name. */
  readonly name: string
  /** Absolute. */
  readonly folder: string
  readonly title: string
  readonly map: WebhookMap
  readonly signature: SignatureScheme | undefined
}

/** Muster's webhook connectors and those in the project's `connectors/`, which override. Throws `connector_invalid`. */
export async function loadWebhookConnectors(projectDir?: string): Promise<ReadonlyMap<string, WebhookConnector>> {
  const connectors = new Map<string, WebhookConnector>()
  for (const folder of await connectorFolders('webhook.yaml', projectDir)) {
    connectors.set(basename(folder), await loadWebhookConnector(folder))
  }
  return connectors
}

async function loadWebhookConnector(folder: string): Promise<WebhookConnector> {
  const name = basename(folder)
  const { title, signature } = await readManifest(join(folder, 'webhook.yaml'))
  const map = { file: `connectors/${name}/webhook.jsonata`, text: await readText(join(folder, 'webhook.jsonata')) }
  const fault = jsonataFault(map.text, join(folder, 'webhook.jsonata'))
  if (fault) {
    const { file, line, column } = fault.place ?? { file: map.file, line: 1, column: 1 }
    throw new MusterError('connector_invalid', `${file}:${line}:${column}: ${fault.message}`)
  }
  return { name, folder, title, map, signature: signature && schemeOf(signature) }
}

async function readManifest(file: string): Promise<z.infer<typeof manifestSchema>> {
  const { success, data, error } = manifestSchema.safeParse(parseYaml(file, await readText(file)))
  if (!success) throw new MusterError('connector_invalid', `${file}: ${z.prettifyError(error)}`)
  const [meaningless] = data.signature ? meaninglessKeys(data.signature) : []
  if (meaningless === undefined) return data
  throw new MusterError('connector_invalid', `${file}: ${meaningless} has no meaning in the scheme timestamped`)
}

function parseYaml(file: string, text: string): unknown {
  try {
    return parse(text)
  } catch (cause) {
    throw new MusterError('connector_invalid', `${file}: ${messageOf(cause)}`, { cause })
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new MusterError('connector_invalid', `${file} cannot be read: ${messageOf(cause)}`, { cause })
  }
}
