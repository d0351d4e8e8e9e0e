import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findPackageRoot } from '../core/package-root.ts'
import { loadConnectors } from './connector.ts'
import { connectorSchema } from './manifest.ts'

const bundled = join(findPackageRoot(), 'connectors', 'mailchimp')

async function loading(change: (manifest: string) => string): Promise<unknown> {
  const project = await mkdtemp(join(tmpdir(), 'muster-connectors-'))
  try {
    const folder = join(project, 'connectors', 'mine')
    await cp(bundled, folder, { recursive: true })
    const file = join(folder, 'connector.yaml')
    await writeFile(file, change(await readFile(file, 'utf8')))
    return [...(await loadConnectors(project)).keys()]
  } catch (error) {
    return error
  } finally {
    await rm(project, { recursive: true })
  }
}

test('a project’s own connectors stand beside Muster’s', async () => {
  expect(await loading((manifest) => manifest)).toEqual(['facebook_custom_audiences', 'mailchimp', 'mine'])
})

test.each<[string, (manifest: string) => string, string]>([
  ['no YAML', () => 'title: [', 'connector.yaml'],
  ['an unknown key', (text) => `${text}\ncolour: red`, '"colour"'],
  ['a key that is no field', (text) => text.replace('key: email', 'key: mail'), 'key "mail" is not one of the fields'],
  ['an unknown call', (text) => text.replace('- call: tag', '- call: tga'), 'operations name the call "tga"'],
  [
    'an expression that cannot be read',
    (text) => text.replace('body.member_count', '"body.(member_count"'),
    'JSONata cannot read `body.(member_count`',
  ],
  ['a missing envelope', (text) => text.replace('create_tag.jsonata', 'none.jsonata'), 'none.jsonata'],
])('%s is refused with the file and the reason', async (_, change, reason) => {
  expect(await loading(change)).toMatchObject({ code: 'connector_invalid', message: expect.stringContaining(reason) })
})

test('editors get a schema with descriptions', () => {
  expect(connectorSchema()).toMatchObject({
    type: 'object',
    properties: { settings: { type: 'object' } },
    additionalProperties: false,
  })
})
