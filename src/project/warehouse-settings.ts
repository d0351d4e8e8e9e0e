/** The warehouse of an environment: one engine, and the keys that are that engine's. */
import { resolve } from 'node:path'
import { environmentNames, environmentOf, type WarehouseEntry, warehouseOf } from './environments.ts'
import type { WarehouseSettings } from './project.ts'
import { problem } from './report.ts'
import type { SettingsInput } from './settings.ts'
import type { Path } from './yaml-tree.ts'

type Engine = WarehouseSettings['engine']

const TITLES: Readonly<Record<Engine, string>> = { duckdb: 'DuckDB', postgres: 'Postgres' }

const KEYS: Readonly<Record<Engine, readonly (keyof WarehouseEntry)[]>> = {
  duckdb: ['path', 'memory_limit', 'threads', 'compression'],
  postgres: ['url', 'query_role'],
}

const OTHER: Readonly<Record<Engine, Engine>> = { duckdb: 'postgres', postgres: 'duckdb' }

export function readWarehouse(input: SettingsInput): WarehouseSettings {
  const { root, env, file } = input
  checkKeys(input)
  const { engine, path, memory_limit, threads, compression, url, query_role } = warehouseOf(file, env)
  switch (engine) {
    case 'duckdb':
      return {
        engine,
        path: resolve(root, path ?? '.muster/warehouse.duckdb'),
        ...(memory_limit === undefined ? {} : { memoryLimit: memory_limit }),
        ...(threads === undefined ? {} : { threads }),
        ...(compression === undefined ? {} : { compression }),
      }
    case 'postgres':
      requireUrl(input)
      return { engine, url: url ?? '', ...(query_role === undefined ? {} : { queryRole: query_role }) }
  }
}

/** Reports keys of the engine that a warehouse is not of, in every environment. */
function checkKeys({ file, tree, report }: SettingsInput): void {
  const shared = file.warehouse?.engine ?? 'duckdb'
  const entries: readonly (readonly [Path, WarehouseEntry | undefined, Engine])[] = [
    [['warehouse'], file.warehouse, shared],
    ...environmentNames(file).map(
      (name) =>
        [
          ['environments', name, 'warehouse'],
          environmentOf(file, name).warehouse,
          warehouseOf(file, name).engine,
        ] as const,
    ),
  ]
  for (const [path, entry, engine] of entries) {
    const foreign = OTHER[engine]
    for (const key of KEYS[foreign]) {
      if (entry?.[key] === undefined) continue
      const message = `\`${key}\` is a key of ${TITLES[foreign]}; this warehouse is ${TITLES[engine]}`
      const hint = `leave it out, or say \`engine: ${foreign}\`; ${TITLES[engine]} takes ${KEYS[engine].join(', ')}`
      report(problem('wrong_engine', tree.keyPlace([...path, key]), message, hint))
    }
  }
}

function requireUrl({ env, file, tree, report }: SettingsInput): void {
  const own: Path = ['environments', env, 'warehouse']
  const entries = [own, ['warehouse']]
  // One that waits for a variable, or is no URL, is a problem of its own.
  if (warehouseOf(file, env).url !== undefined || entries.some((entry) => tree.has([...entry, 'url']))) return
  const place = tree.keyPlace(entries.find((entry) => tree.has([...entry, 'engine'])) ?? ['warehouse'])
  const hint = `add \`url: \${NAME}\` and set that variable to postgres://user:password@host:5432/database`
  report(problem('missing_key', place, 'a Postgres warehouse needs `url`', hint))
}
