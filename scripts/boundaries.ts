import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const configFile = join(root, 'biome.json')

/** The folders of src/, in order: each may import those before it. */
export const folders = [
  'core',
  'project',
  'event',
  'log',
  'warehouse',
  'state',
  'modeling',
  'identity',
  'audience',
  'transformation',
  'delivery',
  'gateway',
  'pipeline',
  'activation',
  'privacy',
  'run',
  'api',
  'server',
  'console',
  'cli',
] as const

export type Folder = (typeof folders)[number]

/** What people and programs see. Faces never import each other, but for what is named here. */
const faces: Partial<Record<Folder, { readonly all?: Folder; readonly index?: Folder }>> = {
  api: {},
  server: { all: 'api' },
  console: {},
  cli: { index: 'server' },
}

interface Restriction {
  readonly group: readonly string[]
  readonly message: string
}

interface Override {
  readonly includes: readonly string[]
  readonly linter: unknown
}

interface BiomeConfig {
  readonly overrides: readonly Override[]
}

/**
 * Biome's overrides, one for each area of the code. A later override replaces the options of an earlier one,
 * so each states its whole list.
 */
export function boundaryOverrides(): readonly Override[] {
  return [
    ...folders.map((folder) => override(`src/${folder}/**`, [engines, ...folderRestrictions(folder)])),
    override('src/warehouse/*/**', folderRestrictions('warehouse')),
    override('connectors/**', connectorRestrictions),
    override('connectors/*/twin*', twinRestrictions),
  ]
}

/** The configuration with the boundaries of this file and everything else as it was. */
export function withBoundaries(config: BiomeConfig): BiomeConfig {
  const others = config.overrides.filter(({ linter }) => !JSON.stringify(linter).includes('noRestrictedImports'))
  return { ...config, overrides: [...others, ...boundaryOverrides()] }
}

export function readBiomeConfig(): BiomeConfig {
  return JSON.parse(readFileSync(configFile, 'utf8'))
}

const engines: Restriction = {
  group: ['@duckdb/*', 'pg', 'pg-*'],
  message: 'Only src/warehouse/<engine> knows an engine: use the Warehouse of src/warehouse.',
}

const engineFolders: Restriction = {
  group: ['**/../warehouse/*/**'],
  message: 'Only src/warehouse opens an engine: import the files that lie directly in src/warehouse.',
}

const outside: Restriction = {
  group: ['**/../../{connectors,test,bench,scripts,examples}/**'],
  message: 'src/ does not import what lies outside it: connectors are discovered; what both need belongs in src/.',
}

const connectorRestrictions: readonly Restriction[] = [
  engines,
  {
    group: ['**/../src/**', '!**/../src/delivery/**'],
    message: 'A connector imports the kit in src/delivery only: what it lacks belongs there.',
  },
  {
    group: ['../*/*'],
    message: 'A connector imports no other connector: what both need belongs in the kit in src/delivery.',
  },
]

const twinRestrictions: readonly Restriction[] = [
  engines,
  {
    group: ['**/../src/**', '!**/../src/delivery/twin*', '!**/../src/delivery/twin*/**', './connector*', '../*/*'],
    message:
      'A twin imports the twin kit (src/delivery/twin*) only, nothing of the connector: both must not err alike.',
  },
]

function folderRestrictions(folder: Folder): readonly Restriction[] {
  if (folder === 'console') return [outside, consoleRestriction]
  const others = folders.filter((other) => other !== folder)
  return [
    ...(folder === 'warehouse' ? [] : [engineFolders]),
    outside,
    ...later(
      folder,
      others.filter((other) => !isSideways(folder, other) && !isEarlier(other, folder)),
    ),
    ...sideways(
      folder,
      others.filter((other) => isSideways(folder, other)),
    ),
  ]
}

const consoleRestriction: Restriction = {
  group: folders.filter((other) => other !== 'core' && other !== 'console').map(inFolder),
  message: 'src/console speaks GraphQL over HTTP only: what it lacks belongs in src/api.',
}

function isEarlier(one: Folder, other: Folder): boolean {
  return folders.indexOf(one) < folders.indexOf(other)
}

function isSideways(one: Folder, other: Folder): boolean {
  return faces[one] !== undefined && faces[other] !== undefined
}

function later(folder: Folder, others: readonly Folder[]): readonly Restriction[] {
  if (others.length === 0) return []
  const message = `src/${folder} imports earlier folders only: put what is shared there, or let the later folder pass it in.`
  return [{ group: [`**/../{${others.join(',')}}/**`], message }]
}

function sideways(folder: Folder, others: readonly Folder[]): readonly Restriction[] {
  const { all, index } = faces[folder] ?? {}
  return others
    .filter((other) => other !== all)
    .map((other) =>
      other === index
        ? {
            group: [inFolder(other), `!**/../${other}/index.ts`],
            message: `src/${folder} imports src/${other} through its index.ts only.`,
          }
        : {
            group: [inFolder(other)],
            message: `Faces never import each other: what src/${folder} and src/${other} share belongs in src/run or earlier.`,
          },
    )
}

function inFolder(folder: Folder): string {
  return `**/../${folder}/**`
}

function override(includes: string, patterns: readonly Restriction[]): Override {
  return {
    includes: [includes, '!**/*.test.ts', '!**/*.test.tsx'],
    linter: { rules: { style: { noRestrictedImports: { level: 'error', options: { patterns } } } } },
  }
}

function main(args: readonly string[]): void {
  const config = readBiomeConfig()
  const wanted = withBoundaries(config)
  if (!args.includes('--check')) {
    writeFileSync(configFile, JSON.stringify(wanted))
    execFileSync('biome', ['format', '--write', configFile], { cwd: root, stdio: 'inherit' })
    return
  }
  if (JSON.stringify(wanted) === JSON.stringify(config)) return
  console.error('biome.json is not what scripts/boundaries.ts makes: run `npm run boundaries`.')
  process.exitCode = 1
}

if (import.meta.main) main(process.argv.slice(2))
