import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { writeRuntimeConfig } from '../gateway/index.ts'
import { readRuntimeConfig } from '../gateway/runtime-config.ts'
import { requireProject } from '../project/index.ts'
import { runtimeConfigOf, runtimeState } from './runtime.ts'

const MUSTER = `version: 1
sources:
  web: { write_key: k1 }
  stripe:
    write_key: k2
    webhook: { connector: stripe, secret: ["\${NEW}", "\${OLD}"] }
  own_stripe:
    write_key: k3
    webhook: { connector: stripe, map: maps/crm.jsonata, secret: "\${NEW}" }
  crm:
    write_key: k4
    webhook: { map: maps/crm.jsonata, signature: { header: X-Signature, prefix: "sha256=", secret: "\${OLD}" } }
  unsigned:
    write_key: k5
    webhook: { map: maps/crm.jsonata }
`
const variables = { NEW: 'whsec_new', OLD: 'whsec_old' }

async function projectFolder(muster: string): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'muster-runtime-'))
  onTestFinished(() => rm(root, { recursive: true }))
  for (const [file, text] of Object.entries({ 'muster.yaml': muster, 'maps/crm.jsonata': '{ "userId": id }' })) {
    await mkdir(dirname(join(root, file)), { recursive: true })
    await writeFile(join(root, file), text)
  }
  return root
}

test('webhooks reach the collector with map, scheme and secrets, in a file for this user alone', async () => {
  const root = await projectFolder(MUSTER)
  const file = join(root, 'runtime.json')
  await writeRuntimeConfig(file, await runtimeConfigOf(await requireProject(root, { variables })))
  const { sources } = readRuntimeConfig(file)
  const webhooks = Object.fromEntries(sources.map(({ name, webhook }) => [name, webhook]))
  const stripe = { scheme: 'timestamped', header: 'Stripe-Signature' }
  const own = { file: 'maps/crm.jsonata', text: '{ "userId": id }' }
  expect(webhooks).toEqual({
    web: undefined,
    stripe: {
      map: { file: 'connectors/stripe/webhook.jsonata', text: expect.stringContaining('Invoice Paid') },
      signature: { ...stripe, secrets: ['whsec_new', 'whsec_old'] },
    },
    own_stripe: { map: own, signature: { ...stripe, secrets: ['whsec_new'] } },
    crm: {
      map: own,
      signature: {
        scheme: 'hmac',
        header: 'X-Signature',
        algorithm: 'sha256',
        encoding: 'hex',
        prefix: 'sha256=',
        secrets: ['whsec_old'],
      },
    },
    unsigned: { map: own },
  })
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})

test('an unknown connector is a problem of the project', async () => {
  const project = await requireProject(
    await projectFolder(MUSTER.replaceAll('connector: stripe', 'connector: strip')),
    {
      variables,
    },
  )
  const message = expect.stringContaining('muster.yaml:6:5 error: there is no connector `strip` for webhooks')
  await expect(runtimeConfigOf(project)).rejects.toMatchObject({ code: 'project_invalid', message })
})

test('the state changes with muster.yaml and with each map', async () => {
  const root = await projectFolder(MUSTER)
  const project = await requireProject(root, { variables })
  const seen = [await runtimeState(project)]
  expect(await runtimeState(project)).toBe(seen[0])
  await writeFile(join(root, 'maps/crm.jsonata'), '{ "userId": user.id }')
  seen.push(await runtimeState(project))
  await writeFile(join(root, 'muster.yaml'), `${MUSTER}# more\n`)
  seen.push(await runtimeState(project))
  await rm(join(root, 'maps/crm.jsonata'))
  seen.push(await runtimeState(project))
  expect(new Set(seen).size).toBe(4)
})
