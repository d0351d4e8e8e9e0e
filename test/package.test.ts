import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packageVersion } from '../src/core/package-root.ts'

const root = join(import.meta.dirname, '..')

let folder: string
let installed: string

/** Packs the repository and lays it out as `npm install` does, with the dependencies of this clone. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-package-'))
  execFileSync('npm', ['pack', '--pack-destination', folder], { cwd: root, stdio: 'pipe', encoding: 'utf8' })
  const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz')) ?? 'no tarball'
  installed = join(folder, 'node_modules/muster')
  mkdirSync(installed, { recursive: true })
  execFileSync('tar', ['-xzf', join(folder, tarball), '--strip-components=1', '-C', installed])
  symlinkSync(join(root, 'node_modules'), join(installed, 'node_modules'))
}, 180_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function muster(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const empty = mkdtempSync(join(folder, 'empty-'))
  const bin = join(installed, 'dist/src/cli/bin.js')
  return spawnSync(process.execPath, [bin, ...args], { cwd: empty, encoding: 'utf8' })
}

test('muster --version runs from an empty folder', () => {
  expect(muster('--version')).toMatchObject({ status: 0, stdout: `${packageVersion()}\n`, stderr: '' })
})

test('muster --help lists the verbs of the repository', () => {
  const { status, stdout, stderr } = muster('--help')
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  for (const verb of codeIn(join(root, 'src/cli/verbs'))) expect(stdout).toContain(verb)
})

test('what the repository discovers, the package has', () => {
  const discovered = ['src/cli/verbs', 'src/state/migrations', ...connectorFolders()]
  for (const place of discovered) expect(codeIn(join(installed, 'dist', place))).toEqual(codeIn(join(root, place)))
})

test('assets come along; tests and local state stay behind', () => {
  const packed = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' })
  for (const asset of assets()) expect(packed).toContain(asset)
  expect(packed.filter((path) => /\.test\.(js|d\.ts)$|contract\.js$|\.muster(\/|$)/.test(path))).toEqual([])
  expect(packed.filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))).toEqual([])
  expect(existsSync(join(installed, 'LICENSE'))).toBe(true)
})

function connectorFolders(): readonly string[] {
  const place = join(root, 'connectors')
  return existsSync(place) ? readdirSync(place).map((name) => join('connectors', name)) : []
}

/** Names of the modules in a folder, whatever their extension. */
function codeIn(place: string): readonly string[] {
  if (!existsSync(place)) return []
  const code = readdirSync(place).filter((file) => /\.(ts|js)$/.test(file) && !/\.d\.ts$|\.test\.ts$/.test(file))
  return code.map((file) => file.replace(/\.(ts|js)$/, '')).sort()
}

/** Files of the library that are not code, as git knows them. */
function assets(): readonly string[] {
  const folders = ['src', 'connectors', 'models', 'audiences'].filter((name) => existsSync(join(root, name)))
  const tracked = execFileSync('git', ['ls-files', ...folders], { cwd: root, encoding: 'utf8' })
    .trim()
    .split('\n')
  return tracked.filter((path) => /\.(yaml|jsonata|sql|svg|html|css)$/.test(path) && !path.includes('/cases/'))
}
