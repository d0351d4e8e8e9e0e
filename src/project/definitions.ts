/** Reads models and audiences: SQL with settings in the leading comment. */
import { join } from 'node:path'
import type { z } from 'zod'
import { checkFormat } from './check-format.ts'
import type { DefinitionFile } from './definition-files.ts'
import type { Variables } from './environment-text.ts'
import { audienceFrontMatter, type ModelFrontMatter, modelFrontMatter } from './front-matter.ts'
import { isEmptySql, splitSql } from './front-matter-text.ts'
import { missingProblem } from './missing-variables.ts'
import type { Audience, Model } from './project.ts'
import { problem, type Report } from './report.ts'
import { readSends } from './sends.ts'
import { readTextFile } from './text-file.ts'
import { parseYaml, type YamlTree } from './yaml-tree.ts'

export interface DefinitionContext {
  readonly root: string
  readonly variables: Variables
  /** The destinations that `muster.yaml` names; undefined when it does not tell. */
  readonly destinations: readonly string[] | undefined
  readonly report: Report
}

/** The model of a file; undefined when the file cannot be read. */
export async function readModel(context: DefinitionContext, found: DefinitionFile): Promise<Model | undefined> {
  const file = await readSql(context, found, modelFrontMatter)
  if (!file) return undefined
  const { materialize = 'table', entity } = file.settings
  return { ...common(found, file), schema: found.schema, materialize, ...(entity !== undefined && { grain: entity }) }
}

/** The audience of a file; undefined when the file cannot be read. */
export async function readAudience(context: DefinitionContext, found: DefinitionFile): Promise<Audience | undefined> {
  const file = await readSql(context, found, audienceFrontMatter)
  return file && { ...common(found, file), schema: 'audiences', entity: file.settings.entity ?? 'user' }
}

interface SqlFile<T> {
  readonly sql: string
  readonly settings: T
  readonly send: Model['send']
}

type Settings = Omit<ModelFrontMatter, 'materialize'>

async function readSql<T extends Settings>(
  { root, variables, destinations, report }: DefinitionContext,
  { file }: DefinitionFile,
  format: z.ZodType<T>,
): Promise<SqlFile<T> | undefined> {
  const read = await readTextFile(join(root, file), file)
  if ('problem' in read) {
    report(read.problem)
    return undefined
  }
  const { frontMatter, body } = splitSql(read.text, file, report)
  const tree: YamlTree = parseYaml(frontMatter ?? '', file, variables, report)
  const settings = checkFormat(format, tree, {}, report)
  report(...tree.missing.map(missingProblem))
  if (body !== undefined && isEmptySql(body)) report(emptySql(file, read.text))
  return { sql: read.text, settings, send: readSends(settings.send ?? {}, tree, destinations, report) }
}

function emptySql(file: string, text: string) {
  const place = { file, line: text.trimEnd().split('\n').length, column: 1 }
  return problem(
    'empty_sql',
    place,
    'there is no SQL in this file',
    'write a SELECT, after the leading comment if there is one',
  )
}

function common({ schema, name, file }: DefinitionFile, { sql, settings, send }: SqlFile<Settings>) {
  const { description = '', tags = [], owner, dialect, refresh } = settings
  return {
    id: `${schema}.${name}`,
    name,
    file,
    description,
    sql,
    tags,
    send,
    ...(owner === undefined ? {} : { owner }),
    ...(dialect === undefined ? {} : { dialect }),
    ...(refresh === undefined ? {} : { refresh }),
  }
}
