import { chmodSync, cpSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { root, run } from './steps.ts'

const dist = join(root, 'dist')

/** The folders whose files the package carries: compiled where they are code, as they are where not. */
const shipped = ['src', 'connectors', 'models', 'audiences', 'examples']

/** What only a clone has: code (compiled), local state, data that examples make for themselves, connectors' tests. */
const leftOut = [/\.tsx?$/, /(^|\/)\.muster(\/|$)/, /^examples\/[^/]+\/data(\/|$)/, /^connectors\/[^/]+\/cases(\/|$)/]

/** Makes `dist/`, which is laid out as the repository is, so that code finds its files alike in both. */
async function build(): Promise<number> {
  rmSync(dist, { recursive: true, force: true })
  const code = await run({ title: 'compile', command: 'tsc', args: ['-p', 'tsconfig.build.json'] })
  if (code !== 0) return code
  for (const folder of shipped) copyAssets(folder)
  await writePackageFile()
  chmodSync(join(dist, 'src/cli/bin.js'), 0o755)
  return 0
}

function copyAssets(folder: string): void {
  const source = join(root, folder)
  if (!existsSync(source)) return
  cpSync(source, join(dist, folder), { recursive: true, filter: (path) => isAsset(relative(root, path)) })
}

function isAsset(path: string): boolean {
  const portable = path.split(sep).join('/')
  return !leftOut.some((pattern) => pattern.test(portable))
}

/** `findPackageRoot` stops at this file, so that the root of built code is `dist/`. */
async function writePackageFile(): Promise<void> {
  const { default: manifest } = await import('../package.json', { with: { type: 'json' } })
  const { name, version, type } = manifest
  writeFileSync(join(dist, 'package.json'), `${JSON.stringify({ name, version, type }, null, 2)}\n`)
}

process.exitCode = await build()
