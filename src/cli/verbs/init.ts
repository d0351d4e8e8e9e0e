import { resolve } from 'node:path'
import { initProject } from '../../project/index.ts'
import { printJson, printLine } from '../print.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  register: (program) => {
    program
      .command('init')
      .description('make a small project that validates and runs')
      .argument('<dir>', 'folder to make it in')
      .option('--json', 'print JSON, for programs')
      .action(async (dir: string, { json }: { json?: boolean }) => {
        const files = await initProject(resolve(dir))
        if (json) return printJson({ dir: resolve(dir), files })
        for (const file of files) printLine(`  ${file}`)
        printLine(`\nNow: cd ${dir}, then \`muster run\` and \`muster apply\`. README.md there says more.`)
      })
  },
}
