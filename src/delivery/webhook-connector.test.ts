import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkWebhooks } from './check-webhooks.ts'
import { loadWebhookConnectors } from './webhook-connector.ts'

const MANIFEST = 'title: Acme\ndescription: Sends leads.\ndocs: https://acme.example/webhooks\n'

/** A project with a folder `connectors/<name>` of these files. */
async function project(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'muster-webhooks-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const folder = join(root, 'connectors', name)
  await mkdir(folder, { recursive: true })
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text)
  return root
}

test('Muster’s and the project’s are found; other connectors are not', async () => {
  const root = await project('acme', { 'webhook.yaml': MANIFEST, 'webhook.jsonata': '{ "type": "track" }' })
  const connectors = await loadWebhookConnectors(root)
  expect([...connectors.keys()]).toEqual(['stripe', 'acme'])
  expect(connectors.get('acme')).toMatchObject({
    title: 'Acme',
    map: { file: 'connectors/acme/webhook.jsonata', text: '{ "type": "track" }' },
    signature: undefined,
  })
  expect(connectors.get('stripe')?.signature).toEqual({ scheme: 'timestamped', header: 'Stripe-Signature' })
})

test('the project’s replaces Muster’s of the same name', async () => {
  const signature = 'signature: { header: X-Acme }\n'
  const root = await project('stripe', { 'webhook.yaml': MANIFEST + signature, 'webhook.jsonata': '1' })
  const stripe = (await loadWebhookConnectors(root)).get('stripe')
  expect(stripe?.map.text).toBe('1')
  const expected = { scheme: 'hmac', header: 'X-Acme', algorithm: 'sha256', encoding: 'hex', prefix: '' }
  expect(stripe?.signature).toEqual(expected)
})

test.each<[string, Readonly<Record<string, string>>, string]>([
  ['no YAML', { 'webhook.yaml': 'title: [' }, 'webhook.yaml'],
  ['an unknown key', { 'webhook.yaml': `${MANIFEST}colour: red` }, '"colour"'],
  ['no map', { 'webhook.yaml': MANIFEST }, 'webhook.jsonata cannot be read'],
  [
    'a mistake in the map',
    { 'webhook.yaml': MANIFEST, 'webhook.jsonata': '{\n "a" 1 }' },
    'webhook.jsonata:2:6: Expected',
  ],
  [
    'a key without meaning',
    { 'webhook.yaml': `${MANIFEST}signature: { scheme: timestamped, header: X, prefix: v1 }`, 'webhook.jsonata': '1' },
    'prefix has no meaning in the scheme timestamped',
  ],
])('%s is refused with the file and the reason', async (_, files, reason) => {
  const invalid = { code: 'connector_invalid', message: expect.stringContaining(reason) }
  await expect(loadWebhookConnectors(await project('acme', files))).rejects.toMatchObject(invalid)
})

test('what a project says of connectors is checked, without telling a secret', async () => {
  const root = await project('acme', { 'webhook.yaml': MANIFEST, 'webhook.jsonata': '1' })
  const place = { file: 'muster.yaml', line: 4, column: 5 }
  const source = { writeKey: 'k', enabled: true, onInvalid: 'quarantine', paths: {}, ...place } as const
  const webhooks = {
    misspelt: { connector: 'strpe', secrets: ['whsec_hidden'] },
    unsigned: { connector: 'stripe', secrets: [] },
    needless: { connector: 'acme', secrets: ['whsec_hidden'] },
    good: { connector: 'stripe', secrets: ['whsec_hidden'] },
    own: { map: { file: 'own.jsonata', text: '1' }, secrets: [] },
  }
  const sources = Object.fromEntries(
    Object.entries(webhooks).map(([name, webhook]) => [name, { ...source, name, webhook: { ...webhook, ...place } }]),
  )
  const problems = await checkWebhooks({ root, sources })
  expect(problems.map(({ code, message, hint }) => [code, message, hint])).toEqual([
    ['unknown_connector', 'there is no connector `strpe` for webhooks', 'did you mean `stripe`?'],
    [
      'missing_key',
      '`secret` is missing: Stripe signs its webhooks, and anyone could send them unsigned',
      expect.stringContaining('STRIPE_WEBHOOK_SECRET'),
    ],
    ['conflicting_keys', '`secret` has no use: Acme does not sign its webhooks', 'leave it out'],
  ])
  expect(problems.every(({ line, column }) => line === 4 && column === 5)).toBe(true)
  expect(JSON.stringify(problems)).not.toContain('hidden')
})
