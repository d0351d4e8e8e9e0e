/** A schema has one owner: Muster, the engine, a source, the source tables, or a folder of models. */
import { basename } from 'node:path'
import type { Problem } from '../core/problems.ts'
import type { DefinitionFile } from './definition-files.ts'
import { environmentNames, prefixOf, warehouseOf } from './environments.ts'
import type { MusterFile } from './muster-file.ts'
import type { Place } from './project.ts'
import { problem, type Report } from './report.ts'
import type { YamlTree } from './yaml-tree.ts'

/** Logical schemas that carry an environment's prefix. Only the first also takes files of the user. */
const PREFIXED = ['models', 'audiences', 'identity', 'stitched', 'muster', 'main']
const OF_ENGINES = ['information_schema', 'pg_catalog', 'pg_toast', 'main', 'public', 'temp', 'system']

interface Owner {
  /** `source \`web\``, for the message. */
  readonly title: string
  readonly place: Place
}

interface OwnersInput {
  readonly file: MusterFile
  readonly tree: YamlTree
  readonly found: readonly DefinitionFile[]
  readonly report: Report
}

/** Reports schemas that two would write, in any environment. */
export function checkSchemaOwners({ file, tree, found, report }: OwnersInput): void {
  const reserved = reservedSchemas(file)
  const data = dataSchemas(file, tree, report)
  const folders = modelFolders(found)
  for (const [schema, owner] of [...data, ...folders]) {
    const taken = reserved.get(schema)
    if (taken !== undefined) report(clash(owner, schema, taken))
  }
  for (const [schema, owner] of data) {
    const folder = folders.get(schema) ?? folders.get(withoutPrefix(file, schema, folders))
    if (folder) report(clash(owner, schema, folder.title))
  }
  report(...databaseClashes(file, tree), ...stitchedClashes(file, tree))
}

function clash({ title, place }: Owner, schema: string, taken: string): Problem {
  return problem('schema_clash', place, `${title} takes schema \`${schema}\`, which belongs to ${taken}`, 'rename it')
}

/** Schema → whose it is, over all environments. */
function reservedSchemas(file: MusterFile): ReadonlyMap<string, string> {
  const reserved = new Map<string, string>()
  for (const env of environmentNames(file)) {
    const prefix = prefixOf(file, env)
    const suffix = env === 'dev' ? '' : ` in environment \`${env}\``
    for (const schema of PREFIXED) {
      reserved.set(`${prefix}${schema}`, `Muster${suffix}`)
      reserved.set(`${prefix}${schema}_asof`, `Muster${suffix}`)
    }
    const database = databaseName(file, env)
    if (database !== undefined) reserved.set(database, 'the DuckDB file, whose name it is')
  }
  for (const schema of OF_ENGINES) reserved.set(schema, 'the warehouse itself')
  return reserved
}

/** DuckDB calls a database by the name of its file, and cannot tell `name.table` from `schema.table` then. */
function databaseName(file: MusterFile, env: string): string | undefined {
  const { engine, path = 'warehouse.duckdb' } = warehouseOf(file, env)
  return engine === 'duckdb' ? basename(path).split('.', 1)[0]?.toLowerCase() : undefined
}

/** Database files that bear the name of a schema of Muster; DuckDB itself evades `main`. */
function databaseClashes(file: MusterFile, tree: YamlTree): readonly Problem[] {
  return environmentNames(file).flatMap((env) => {
    const name = databaseName(file, env)
    const owned = PREFIXED.map((schema) => `${prefixOf(file, env)}${schema}`)
    if (name === undefined || name === 'main' || !owned.includes(name)) return []
    const override = ['environments', env, 'warehouse', 'path']
    const place = tree.place(tree.has(override) ? override : ['warehouse', 'path'])
    return [
      problem('schema_clash', place, 'the DuckDB file has the name of a schema that Muster writes', 'rename the file'),
    ]
  })
}

/** The schemas of sources and source tables; a schema that both take is reported. */
function dataSchemas(file: MusterFile, tree: YamlTree, report: Report): ReadonlyMap<string, Owner> {
  const owners = new Map<string, Owner>()
  for (const name of Object.keys(file.sources ?? {})) {
    owners.set(name, { title: `source \`${name}\``, place: tree.keyPlace(['sources', name]) })
  }
  for (const table of Object.keys(file.source_tables ?? {})) {
    const schema = table.slice(0, table.indexOf('.'))
    const owner = { title: `source table \`${table}\``, place: tree.keyPlace(['source_tables', table]) }
    const other = owners.get(schema)
    if (other?.title.startsWith('source `')) report(clash(owner, schema, other.title))
    else if (!other) owners.set(schema, owner)
  }
  return owners
}

function modelFolders(found: readonly DefinitionFile[]): ReadonlyMap<string, Owner> {
  const folders = new Map<string, Owner>()
  for (const { kind, schema } of found) {
    if (kind !== 'model' || schema === 'models') continue
    const folder = `models/${schema}`
    folders.set(schema, { title: `folder \`${folder}\``, place: { file: folder, line: 1, column: 1 } })
  }
  return folders
}

/** The folder whose schema this is in some environment, such as `scores` for `prod_scores`. */
function withoutPrefix(file: MusterFile, schema: string, folders: ReadonlyMap<string, Owner>): string {
  const prefixes = environmentNames(file).map((env) => prefixOf(file, env))
  const prefix = prefixes.find((prefix) => schema.startsWith(prefix) && folders.has(schema.slice(prefix.length)))
  return prefix === undefined ? schema : schema.slice(prefix.length)
}

/** `a.b_c` and `a_b.c` would both be `stitched.a_b_c`. */
function stitchedClashes({ source_tables = {} }: MusterFile, tree: YamlTree): readonly Problem[] {
  const seen = new Map<string, string>()
  return Object.keys(source_tables).flatMap((table) => {
    const name = table.replace('.', '_')
    const other = seen.get(name)
    if (other === undefined) {
      seen.set(name, table)
      return []
    }
    const message = `source tables \`${other}\` and \`${table}\` would both be \`stitched.${name}\``
    return [problem('name_clash', tree.keyPlace(['source_tables', table]), message, 'rename one of them')]
  })
}
