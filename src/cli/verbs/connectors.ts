import { resolve } from 'node:path'
import { loadConnectors } from '../../delivery/index.ts'
import { type CommonOptions, withCommonOptions } from '../common.ts'
import { printJson, printTable } from '../print.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  register: (program) => {
    withCommonOptions(program.command('connectors'))
      .description('the connectors there are')
      .action(async ({ project, json }: CommonOptions) => {
        const connectors = [...(await loadConnectors(resolve(project))).values()]
        const rows = connectors.map(({ name, manifest: { title, description } }) => ({ name, title, description }))
        if (json) return printJson(rows)
        printTable(
          ['connector', 'title', 'description'],
          rows.map(({ name, title, description }) => [name, title, description]),
        )
      })
  },
}
