/** Environments: what differs where. */
import type { MusterFile } from './muster-file.ts'
import { at } from './path-edits.ts'
import { problem, type Report } from './report.ts'
import { suggest } from './suggest.ts'
import type { Path, YamlTree } from './yaml-tree.ts'

export type EnvironmentSettings = NonNullable<NonNullable<MusterFile['environments']>[string]>

/** What the file says of an environment; nothing where it says nothing. */
export function environmentOf({ environments = {} }: MusterFile, env: string): EnvironmentSettings {
  return (Object.hasOwn(environments, env) ? environments[env] : undefined) ?? {}
}

/** What goes before the schemas that Muster owns: nothing in `dev`. */
export function prefixOf(file: MusterFile, env: string): string {
  return environmentOf(file, env).prefix ?? (env === 'dev' ? '' : `${env}_`)
}

export type WarehouseEntry = NonNullable<MusterFile['warehouse']>

/** What is said of the warehouse of an environment: one of another engine takes nothing of the project's. */
export function warehouseOf(file: MusterFile, env: string): WarehouseEntry & { readonly engine: Engine } {
  const own = environmentOf(file, env).warehouse
  const shared = file.warehouse?.engine ?? 'duckdb'
  const engine = own?.engine ?? shared
  return { ...(engine === shared && file.warehouse), ...own, engine }
}

type Engine = NonNullable<WarehouseEntry['engine']>

/** The names that `--env` takes. */
export function environmentNames({ environments = {} }: MusterFile): readonly string[] {
  return [...new Set(['dev', ...Object.keys(environments)])]
}

/** Whether `--env` takes the name: also when what the file says of it is mistaken. */
export function knowsEnvironment(file: MusterFile, tree: YamlTree, env: string): boolean {
  return [...environmentNames(file), ...Object.keys(Object(tree.data.environments))].includes(env)
}

/** Whether a destination is played by its twin: so in `dev` unless it is real, and elsewhere only if it is not. */
export function isTwin(file: MusterFile, env: string, destination: string): boolean {
  const real =
    own(environmentOf(file, env).destinations, destination)?.real ?? own(file.destinations, destination)?.real
  return !(real ?? env !== 'dev')
}

/**
 * Whether a value of `muster.yaml` has no part in an environment: it is another environment's, or replaced in this one,
 * or a setting that the destination's twin does without.
 */
export function isUnused(file: MusterFile, env: string, tree: YamlTree, path: Path): boolean {
  if (path[0] === 'environments' && path[1] !== env) return true
  const inner = path[0] === 'environments' ? path.slice(2) : path
  const [section, destination, key, setting] = inner
  if (
    inner === path &&
    section === 'warehouse' &&
    warehouseOf(file, env).engine !== (file.warehouse?.engine ?? 'duckdb')
  )
    return true
  if (
    section === 'destinations' &&
    key === 'settings' &&
    setting !== undefined &&
    isTwin(file, env, String(destination))
  )
    return true
  return inner === path && at(tree.data, ['environments', env, ...path]) !== undefined
}

interface EnvironmentsInput {
  readonly env: string
  readonly file: MusterFile
  readonly tree: YamlTree
  readonly report: Report
}

export function checkEnvironments({ env, file, tree, report }: EnvironmentsInput): void {
  const names = environmentNames(file)
  if (!knowsEnvironment(file, tree, env)) {
    report(
      problem(
        'unknown_environment',
        tree.keyPlace(['environments']),
        `there is no environment \`${env}\``,
        suggest(env, names),
      ),
    )
  }
  for (const name of Object.keys(file.environments ?? {})) checkDestinations(name, { env, file, tree, report })
  checkSameTables({ env, file, tree, report })
}

function checkDestinations(env: string, { file, tree, report }: EnvironmentsInput): void {
  const known = Object.keys(Object(tree.data.destinations))
  for (const destination of Object.keys(environmentOf(file, env).destinations ?? {})) {
    if (known.includes(destination)) continue
    const place = tree.keyPlace(['environments', env, 'destinations', destination])
    const hint = suggest(destination, known) || 'add it to `destinations:`'
    report(problem('unknown_destination', place, `there is no destination \`${destination}\` to override`, hint))
  }
}

/** Two environments with one warehouse and one prefix would overwrite each other's tables. */
function checkSameTables({ file, tree, report }: EnvironmentsInput): void {
  const seen = new Map<string, string>()
  for (const env of environmentNames(file)) {
    const prefix = prefixOf(file, env)
    const { engine, path = '', url = '' } = warehouseOf(file, env)
    const key = JSON.stringify([prefix, engine, path, url])
    const other = seen.get(key)
    seen.set(key, env)
    if (other === undefined) continue
    const message = `environments \`${other}\` and \`${env}\` would write the same tables: one warehouse, one prefix`
    report(
      problem(
        'schema_clash',
        tree.keyPlace(['environments', env]),
        message,
        'give one of them another `prefix:` or `warehouse:`',
      ),
    )
  }
}

function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record && Object.hasOwn(record, key) ? record[key] : undefined
}
