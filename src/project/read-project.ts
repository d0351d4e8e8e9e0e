/** Reads a project's files into one normalised project, and tells all their problems together. */

import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { MusterError } from '../core/errors.ts'
import { formatProblem, hasErrors, type Problem } from '../core/problems.ts'
import { checkFormat } from './check-format.ts'
import { findDefinitions } from './definition-files.ts'
import { readAudience, readModel } from './definitions.ts'
import type { Variables } from './environment-text.ts'
import { checkEnvironments } from './environments.ts'
import { musterFile } from './muster-file.ts'
import type { Audience, Model, Project } from './project.ts'
import { sortProblems } from './report.ts'
import { checkSchemaOwners } from './schema-owners.ts'
import { readSettings } from './settings.ts'
import { codeOf, readTextFile } from './text-file.ts'
import { isRecord, parseYaml } from './yaml-tree.ts'

export interface ReadOptions {
  /** `dev` when absent. */
  readonly env?: string
  /** What `${NAME}` takes: the environment variables. */
  readonly variables: Variables
}

export interface ProjectReading {
  /** Absent when a problem is an error. */
  readonly project: Project | undefined
  /** Of all files, in their order. */
  readonly problems: readonly Problem[]
}

const FILE = 'muster.yaml'

/** Reads the project in a folder for one environment. Throws `project_not_found` when there is none. */
export async function readProject(dir: string, { env = 'dev', variables }: ReadOptions): Promise<ProjectReading> {
  const root = resolve(dir)
  const text = await readMusterFile(root)
  const problems: Problem[] = []
  const report = (...found: readonly Problem[]) => problems.push(...found)
  if ('problem' in text) report(text.problem)
  const tree = parseYaml('text' in text ? text.text : '', FILE, variables, report)
  const known = 'text' in text && tree.parsed
  const file = checkFormat(musterFile, known ? tree : { ...tree, parsed: false }, { version: 1 }, report)
  const settings = await readSettings({ root, env, file, tree, report })
  const found = await findDefinitions(root, report)
  checkEnvironments({ env, file, tree, report })
  checkSchemaOwners({ file, tree, found, report })
  const context = { root, variables, report, destinations: known ? keysOf(tree.data.destinations) : undefined }
  const models: Model[] = []
  const audiences: Audience[] = []
  for (const each of found) {
    if (each.kind === 'model') models.push(...present(await readModel(context, each)))
    else audiences.push(...present(await readAudience(context, each)))
  }
  const project: Project = { root, name: basename(root), env, ...settings, models, audiences }
  return { project: hasErrors(problems) ? undefined : project, problems: sortProblems(problems) }
}

/** Like `readProject`, but throws `project_invalid` with every problem on a line of its own. */
export async function requireProject(dir: string, options: ReadOptions): Promise<Project> {
  const { project, problems } = await readProject(dir, options)
  if (project) return project
  throw new MusterError('project_invalid', problems.map(formatProblem).join('\n'))
}

async function readMusterFile(root: string) {
  const path = join(root, FILE)
  try {
    await stat(path)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new MusterError('project_not_found', `There is no ${FILE} in ${root}.`, { cause: error })
    }
  }
  return readTextFile(path, FILE)
}

function keysOf(value: unknown): readonly string[] {
  return isRecord(value) ? Object.keys(value) : []
}

function present<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value]
}
