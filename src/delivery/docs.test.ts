import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findPackageRoot } from '../core/package-root.ts'
import { loadConnectors } from './connector.ts'
import { renderConnectorDoc } from './render-doc.ts'

const dir = join(findPackageRoot(), 'docs', 'connectors')
const connectors = [...(await loadConnectors()).values()]

test.each(connectors)(
  'docs/connectors/$name.md says what its manifest says (UPDATE_DOCS=1 writes it)',
  async (connector) => {
    const file = join(dir, `${connector.name}.md`)
    const text = renderConnectorDoc(connector)
    if (process.env.UPDATE_DOCS === '1') await writeFile(file, text)
    expect(await readFile(file, 'utf8')).toBe(text)
  },
)

test('there is a page for each connector and no other', async () => {
  expect((await readdir(dir)).sort()).toEqual(connectors.map(({ name }) => `${name}.md`).sort())
})
