import { isAbsolute, join, normalize } from 'node:path'
import type { z } from 'zod'
import { jsonataFault } from './jsonata-text.ts'
import type { MusterFile } from './muster-file.ts'
import type { SignatureScheme, Webhook, WebhookMap } from './project.ts'
import { problem } from './report.ts'
import type { SettingsInput } from './settings.ts'
import { readTextFile } from './text-file.ts'
import type { signatureScheme } from './webhook-format.ts'

type WebhookSettings = NonNullable<NonNullable<MusterFile['sources']>[string]['webhook']>
type Fault = (key: string, code: string, message: string, hint: string) => void

/** What a source's `webhook:` says, with its map read; undefined when the source has none. */
export async function readWebhook(input: SettingsInput, source: string): Promise<Webhook | undefined> {
  const settings = input.file.sources?.[source]?.webhook
  if (!settings) return undefined
  checkKeys(input, source, settings)
  const { connector, map, signature, secret } = settings
  const read = map === undefined ? undefined : await readMap(input, source, map)
  return {
    ...(connector === undefined ? {} : { connector }),
    ...(read === undefined ? {} : { map: read }),
    ...(signature === undefined ? {} : { signature: schemeOf(signature) }),
    secrets: [signature?.secret ?? secret ?? []].flat(),
    ...input.tree.keyPlace(['sources', source, 'webhook']),
  }
}

/** A scheme with its defaults. */
export function schemeOf({
  scheme = 'hmac',
  header,
  algorithm = 'sha256',
  encoding = 'hex',
  prefix = '',
}: z.infer<typeof signatureScheme>): SignatureScheme {
  return scheme === 'timestamped' ? { scheme, header } : { scheme, header, algorithm, encoding, prefix }
}

/** The keys of a scheme that have no meaning in it. */
export function meaninglessKeys({ scheme, algorithm, encoding, prefix }: z.infer<typeof signatureScheme>) {
  if (scheme !== 'timestamped') return []
  const given = Object.entries({ algorithm, encoding, prefix })
  return given.flatMap(([key, value]) => (value === undefined ? [] : [key]))
}

function checkKeys({ tree, report }: SettingsInput, source: string, settings: WebhookSettings): void {
  const { connector, map, secret, signature } = settings
  const path = ['sources', source, 'webhook']
  const fault: Fault = (key, code, message, hint) =>
    report(problem(code, tree.keyPlace([...path, ...key.split('.')]), message, hint))
  if (
    connector === undefined &&
    map === undefined &&
    !tree.has([...path, 'connector']) &&
    !tree.has([...path, 'map'])
  ) {
    const hint = 'name a JSONata file, or a connector that brings one, such as `connector: stripe`'
    report(problem('missing_key', tree.keyPlace(path), `\`map\` is missing in \`${path.join('.')}\``, hint))
  }
  if (connector !== undefined && signature !== undefined) {
    const message = '`signature` and `connector` exclude each other'
    fault('signature', 'conflicting_keys', message, 'the connector knows how its vendor signs: give it `secret` alone')
  }
  if (connector === undefined && secret !== undefined) {
    fault('secret', 'conflicting_keys', '`secret` is for a connector', 'say it in `signature:`, with the header')
  }
  for (const key of signature ? meaninglessKeys(signature) : []) {
    const message = `\`${key}\` has no meaning in the scheme timestamped`
    fault(`signature.${key}`, 'conflicting_keys', message, 'leave it out')
  }
}

async function readMap({ root, tree, report }: SettingsInput, source: string, file: string): Promise<WebhookMap> {
  const place = tree.place(['sources', source, 'webhook', 'map'])
  const path = normalize(file).replaceAll('\\', '/')
  if (isAbsolute(file) || path === '..' || path.startsWith('../')) {
    report(problem('file_outside', place, `\`${path}\` is outside the project`, 'name a file relative to muster.yaml'))
    return { file: path, text: '' }
  }
  const read = await readTextFile(join(root, path), path)
  if ('problem' in read) {
    const { code, message } = read.problem
    const unreadable = problem('missing_file', place, message, 'paths are relative to muster.yaml')
    report(code === 'unreadable_file' ? unreadable : read.problem)
    return { file: path, text: '' }
  }
  const fault = jsonataFault(read.text, path)
  if (fault) report(problem('jsonata_syntax', fault.place ?? { file: path, line: 1, column: 1 }, fault.message))
  return { file: path, text: read.text }
}
