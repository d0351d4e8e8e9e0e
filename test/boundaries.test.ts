import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { folders, readBiomeConfig, withBoundaries } from '../scripts/boundaries.ts'

const root = join(import.meta.dirname, '..')

/** file, what it imports, the start of what biome must say. */
const forbidden: readonly (readonly [string, string, string])[] = [
  ['src/core/a.ts', '../project/x.ts', 'src/core imports earlier folders only'],
  ['src/project/a.ts', '../event/x.ts', 'src/project imports earlier folders only'],
  ['src/event/a.ts', '../log/x.ts', 'src/event imports earlier folders only'],
  ['src/log/local/a.ts', '../../warehouse/x.ts', 'src/log imports earlier folders only'],
  ['src/warehouse/a.ts', '../state/x.ts', 'src/warehouse imports earlier folders only'],
  ['src/warehouse/b.ts', '@duckdb/node-api', 'Only src/warehouse/<engine> knows an engine'],
  ['src/warehouse/duckdb/a.ts', '../../cli/x.ts', 'src/warehouse imports earlier folders only'],
  ['src/state/a.ts', '../modeling/x.ts', 'src/state imports earlier folders only'],
  ['src/state/migrations/a.ts', '../../modeling/x.ts', 'src/state imports earlier folders only'],
  ['src/modeling/a.ts', '../identity/x.ts', 'src/modeling imports earlier folders only'],
  ['src/identity/a.ts', '../audience/x.ts', 'src/identity imports earlier folders only'],
  ['src/audience/a.ts', '../transformation/x.ts', 'src/audience imports earlier folders only'],
  ['src/transformation/a.ts', '../delivery/x.ts', 'src/transformation imports earlier folders only'],
  ['src/delivery/a.ts', '../gateway/x.ts', 'src/delivery imports earlier folders only'],
  ['src/delivery/b.ts', '../../connectors/acme/twin.ts', 'src/ does not import what lies outside it'],
  ['src/gateway/a.ts', '../pipeline/x.ts', 'src/gateway imports earlier folders only'],
  ['src/pipeline/a.ts', '../activation/x.ts', 'src/pipeline imports earlier folders only'],
  ['src/activation/a.ts', '../run/x.ts', 'src/activation imports earlier folders only'],
  ['src/activation/b.ts', '../warehouse/duckdb/x.ts', 'Only src/warehouse opens an engine'],
  ['src/privacy/a.ts', '../run/x.ts', 'src/privacy imports earlier folders only'],
  ['src/run/a.ts', '../api/x.ts', 'src/run imports earlier folders only'],
  ['src/run/b.ts', '@duckdb/node-api', 'Only src/warehouse/<engine> knows an engine'],
  ['src/run/c.ts', '../../test/setup.ts', 'src/ does not import what lies outside it'],
  ['src/api/a.ts', '../server/x.ts', 'Faces never import each other'],
  ['src/api/b.ts', '../cli/x.ts', 'Faces never import each other'],
  ['src/server/a.ts', '../cli/x.ts', 'Faces never import each other'],
  ['src/server/b.ts', '../console/x.ts', 'Faces never import each other'],
  ['src/console/a.tsx', '../api/x.ts', 'src/console speaks GraphQL over HTTP only'],
  ['src/console/b.ts', '../audience/x.ts', 'src/console speaks GraphQL over HTTP only'],
  ['src/cli/a.ts', '../api/x.ts', 'Faces never import each other'],
  ['src/cli/verbs/a.ts', '../../console/x.ts', 'Faces never import each other'],
  ['src/cli/verbs/b.ts', '../../server/worker.ts', 'src/cli imports src/server through its index.ts only'],
  ['connectors/acme/connector.ts', '../../src/core/x.ts', 'A connector imports the kit in src/delivery only'],
  ['connectors/acme/b.ts', '../other/x.ts', 'A connector imports no other connector'],
  ['connectors/acme/twin.ts', '../../src/delivery/normalise.ts', 'A twin imports the twin kit'],
  ['connectors/other/twin.ts', './connector.ts', 'A twin imports the twin kit'],
]

const allowed: readonly (readonly [string, string])[] = [
  ['src/core/ok.ts', './effects.ts'],
  ['src/event/ok.ts', '../core/effects.ts'],
  ['src/warehouse/ok.ts', './duckdb/x.ts'],
  ['src/warehouse/duckdb/ok.ts', '@duckdb/node-api'],
  ['src/warehouse/duckdb/ok2.ts', '../../core/errors.ts'],
  ['src/activation/ok.ts', '../warehouse/warehouse.ts'],
  ['src/activation/ok2.ts', '../delivery/delivery.ts'],
  ['src/activation/ok.test.ts', '../warehouse/duckdb/x.ts'],
  ['src/server/ok.ts', '../api/x.ts'],
  ['src/server/ok2.ts', '../run/x.ts'],
  ['src/console/ok.ts', '../core/errors.ts'],
  ['src/cli/verbs/ok.ts', '../../server/index.ts'],
  ['src/cli/verbs/ok2.ts', '../../core/errors.ts'],
  ['connectors/acme/ok.ts', '../../src/delivery/kit.ts'],
  ['connectors/acme/ok2.ts', './map.ts'],
  ['connectors/acme/twin-ok.ts', '../../src/delivery/twin.ts'],
  ['connectors/acme/twin.test.ts', './connector.ts'],
  ['test/ok.ts', '../src/warehouse/duckdb/x.ts'],
]

let folder: string
let said: ReadonlyMap<string, string>

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-boundaries-'))
  for (const [file, imported] of [...forbidden, ...allowed]) plant(folder, file, `import '${imported}'\n`)
  said = lint(folder, readFileSync(join(root, 'biome.json'), 'utf8'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('biome.json holds what scripts/boundaries.ts makes', () => {
  const config = readBiomeConfig()
  expect(config).toEqual(withBoundaries(config))
})

test('every folder has a planted violation, and every folder of src/ is in the list', () => {
  const planted = new Set(forbidden.map(([file]) => file.split('/')[1]))
  for (const name of folders) expect(planted).toContain(name)
  const tracked = execFileSync('git', ['ls-files', 'src'], { cwd: root, encoding: 'utf8' }).split('\n')
  const present = new Set(tracked.filter((path) => path.split('/').length > 2).map((path) => path.split('/')[1]))
  expect([...present].filter((name) => !folders.some((known) => known === name))).toEqual([])
})

describe('the linter refuses', () => {
  test.each(forbidden)('%s importing %s', (file, _imported, message) => {
    expect(said.get(file) ?? 'nothing').toContain(message)
  })
})

describe('the linter allows', () => {
  test.each(allowed)('%s importing %s', (file) => {
    expect(said.get(file)).toBeUndefined()
  })
})

describe('every way to import counts', () => {
  test.each([
    "import type { A } from '../cli/x.ts'\nexport type { A }",
    "export { a } from '../cli/x.ts'",
    "export * from '../cli/x.ts'",
    "export const x = import('../cli/x.ts')",
    "import '../log/../cli/x.ts'",
  ])('%s', (text) => {
    const place = mkdtempSync(join(tmpdir(), 'muster-boundaries-'))
    plant(place, 'src/core/a.ts', `${text}\n`)
    expect(lint(place, readFileSync(join(root, 'biome.json'), 'utf8')).get('src/core/a.ts')).toContain(
      'src/core imports',
    )
    rmSync(place, { recursive: true })
  })
})

test('without the boundaries nothing is refused', () => {
  expect(lint(folder, JSON.stringify({ ...readBiomeConfig(), overrides: [] }))).toEqual(new Map())
})

function plant(place: string, file: string, text: string): void {
  mkdirSync(dirname(join(place, file)), { recursive: true })
  writeFileSync(join(place, file), text)
}

/** What noRestrictedImports says, by file. */
function lint(place: string, config: string): ReadonlyMap<string, string> {
  writeFileSync(join(place, 'biome.json'), config)
  cpSync(join(root, 'package.json'), join(place, 'package.json'))
  const { stdout } = spawnSync(
    join(root, 'node_modules/.bin/biome'),
    [
      'lint',
      '--vcs-enabled=false',
      '--max-diagnostics=none',
      '--only=style/noRestrictedImports',
      '--reporter=json',
      '.',
    ],
    { cwd: place, encoding: 'utf8' },
  )
  const report: { diagnostics: { message: string; location: { path: string } }[] } = JSON.parse(stdout)
  return new Map(report.diagnostics.map(({ message, location }) => [location.path, message]))
}
