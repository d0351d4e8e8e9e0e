import { describe, test } from 'vitest'
import { readCases } from './cases.ts'
import { loadConnectors } from './connector.ts'
import { playCase } from './play-case.ts'

const connectors = [...(await loadConnectors()).values()]
const all = await Promise.all(
  connectors.map(async (connector) => ({ connector, files: await readCases(connector.folder) })),
)

describe.each(all)('$connector.name', ({ connector, files }) => {
  describe.each(files)('$name', ({ settings, cases }) => {
    test.each(cases)('$name', (recorded) => playCase(connector, settings, recorded))
  })
})
