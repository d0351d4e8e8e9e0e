/**
 * Definitions: the project's SQL, parsed and ordered, with every problem found in it.
 */
import { relative } from 'node:path'
import { MusterError } from '../core/errors.ts'
import { formatProblem, hasErrors, type Problem } from '../core/problems.ts'
import { type Connector, checkDestinations, checkWebhooks } from '../delivery/index.ts'
import { buildGraph, type Graph } from '../modeling/graph.ts'
import { type ParsedSelect, parseSelect } from '../modeling/sql/index.ts'
import { type Project, readProject } from '../project/index.ts'

export interface Definitions {
  readonly project: Project
  readonly graph: Graph
  /** By definition id; each parses. */
  readonly selects: ReadonlyMap<string, ParsedSelect>
}

export interface Checked {
  /** Absent when a problem is an error. */
  readonly definitions: Definitions | undefined
  readonly problems: readonly Problem[]
}

export interface CheckInput {
  readonly dir: string
  readonly env: string
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly connectors: ReadonlyMap<string, Connector>
  /** The tables that exist, `schema.table`; absent when the warehouse is not open. */
  readonly tables?: ReadonlySet<string>
}

/** Reads the project and all it defines; every problem of every file at once. Throws `project_not_found`. */
export async function checkProject({ dir, env, variables, connectors, tables }: CheckInput): Promise<Checked> {
  const { project, problems: read } = await readProject(dir, { env, variables })
  if (!project) return { definitions: undefined, problems: read }
  const problems: Problem[] = [...read, ...checkDestinations(project, connectors), ...(await checkWebhooks(project))]
  const selects = new Map<string, ParsedSelect>()
  for (const { id, sql, file, dialect } of [...project.models, ...project.audiences]) {
    const { select, problems: found } = parseSelect(sql, { file, dialect: dialect ?? project.warehouse.engine })
    problems.push(...found)
    if (select) selects.set(id, select)
  }
  const { graph, problems: ordered } = buildGraph({ project, selects, ...(tables && { tables }) })
  problems.push(...ordered)
  const sorted = problems.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column)
  return { definitions: hasErrors(sorted) || !graph ? undefined : { project, graph, selects }, problems: sorted }
}

/** Throws `project_invalid` with all problems when one is an error. */
export async function requireDefinitions(input: CheckInput): Promise<Definitions> {
  const { definitions, problems } = await checkProject(input)
  if (definitions) return definitions
  const lines = problems.map((problem) => `  ${formatProblem(problem)}`).join('\n')
  throw new MusterError(
    'project_invalid',
    `The project in ${relative(process.cwd(), input.dir) || '.'} has problems:\n${lines}`,
  )
}
