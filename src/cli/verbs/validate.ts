import { resolve } from 'node:path'
import { systemEffects } from '../../core/effects.ts'
import { formatProblem, hasErrors } from '../../core/problems.ts'
import { type CommonOptions, withCommonOptions } from '../common.ts'
import { printJson, printLine } from '../print.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  register: (program) => {
    withCommonOptions(program.command('validate'))
      .description('check every file of the project and show all problems')
      .action(async ({ project, env, json }: CommonOptions) => {
        const { loadConnectors } = await import('../../delivery/index.ts')
        const { checkProject } = await import('../../run/index.ts')
        const dir = resolve(project)
        const connectors = await loadConnectors(dir)
        const { problems, definitions } = await checkProject({ dir, env, variables: systemEffects.env, connectors })
        if (hasErrors(problems)) process.exitCode = 2
        if (json) return printJson({ valid: !hasErrors(problems), problems })
        for (const problem of problems) printLine(formatProblem(problem))
        if (!definitions) return printLine(`${problems.length} problems.`)
        const { models, audiences, destinations } = definitions.project
        printLine(
          `Valid: ${models.length} models, ${audiences.length} audiences, ${Object.keys(destinations).length} destinations.`,
        )
      })
  },
}
