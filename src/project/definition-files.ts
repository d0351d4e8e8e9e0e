/** Finds the files of models and audiences: their paths are their identities. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Problem } from '../core/problems.ts'
import { NAME, NAME_RULE, plainName } from './names.ts'
import { problem, type Report } from './report.ts'
import { codeOf, unreadable } from './text-file.ts'

export interface DefinitionFile {
  readonly kind: 'model' | 'audience'
  /** Relative to the project, with forward slashes. */
  readonly file: string
  readonly schema: string
  readonly name: string
}

/** The models and audiences of a project by file; what is no definition, or at the wrong place, is reported. */
export async function findDefinitions(root: string, report: Report): Promise<readonly DefinitionFile[]> {
  const models = await findIn(root, 'model', 'models', 'models', report)
  const audiences = await findIn(root, 'audience', 'audiences', 'audiences', report)
  const byId = new Map<string, DefinitionFile>()
  for (const found of [...models, ...audiences]) {
    const id = `${found.schema}.${found.name}`
    const other = byId.get(id)
    if (!other) byId.set(id, found)
    else
      report(
        problem(
          'duplicate_definition',
          top(found.file),
          `${found.file} and ${other.file} are both \`${id}\``,
          'rename one of them',
        ),
      )
  }
  return [...byId.values()]
}

type Kind = DefinitionFile['kind']

async function findIn(
  root: string,
  kind: Kind,
  folder: string,
  schema: string,
  report: Report,
): Promise<readonly DefinitionFile[]> {
  const found: DefinitionFile[] = []
  const folders: string[] = []
  for (const { name, isFolder } of await entries(root, folder, report)) {
    const file = `${folder}/${name}`
    if (isFolder) folders.push(name)
    else if (name.endsWith('.sql')) {
      const base = name.slice(0, -'.sql'.length)
      if (NAME.test(base)) found.push({ kind, file, schema, name: base })
      else report(badName(file, base, '.sql'))
    } else report(...otherFile(kind, file))
  }
  for (const name of folders) {
    const inner = `${folder}/${name}`
    if (kind === 'audience') report(nested(inner, 'audiences have no folders', 'move its files to audiences/'))
    else if (folder !== 'models')
      report(nested(inner, 'models are at most one folder deep', 'move its files to a folder of models/'))
    else if (!NAME.test(name)) report(badName(inner, name, ''))
    else found.push(...(await findIn(root, kind, inner, name, report)))
  }
  return found
}

interface Entry {
  readonly name: string
  readonly isFolder: boolean
}

/** What a folder holds, hidden files aside, by name; links are followed. A folder that is not there holds nothing. */
async function entries(root: string, folder: string, report: Report): Promise<readonly Entry[]> {
  let names: readonly string[]
  try {
    names = await readdir(join(root, folder))
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') report(unreadable(folder, error))
    return []
  }
  const found: Entry[] = []
  for (const name of [...names].sort()) {
    if (name.startsWith('.')) continue
    try {
      found.push({ name, isFolder: (await stat(join(root, folder, name))).isDirectory() })
    } catch (error) {
      report(unreadable(`${folder}/${name}`, error))
    }
  }
  return found
}

function otherFile(kind: Kind, file: string): readonly Problem[] {
  if (/\.test\.ya?ml$/.test(file) || /\.md$/i.test(file)) return []
  if (kind === 'audience' && /\.ya?ml$/.test(file)) {
    return [problem('rule_audience', top(file), 'rule audiences are not available in this version', 'write it as SQL')]
  }
  const ignored = problem('ignored_file', top(file), `this is no ${kind}, so it is not read`, 'only .sql files are')
  return [{ ...ignored, severity: 'warning' }]
}

function badName(file: string, name: string, extension: string): Problem {
  const plain = plainName(name)
  return problem(
    'bad_name',
    top(file),
    `the name \`${name}\` ${NAME_RULE}`,
    plain === '' ? '' : `rename it to \`${plain}${extension}\``,
  )
}

function nested(folder: string, message: string, hint: string): Problem {
  return problem('nested_folder', top(folder), message, hint)
}

function top(file: string) {
  return { file, line: 1, column: 1 }
}
