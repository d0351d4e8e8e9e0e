import { MusterError } from '../../core/errors.ts'
import { connectorSchema } from '../../delivery/index.ts'
import { jsonSchemas } from '../../project/index.ts'
import { printJson, printLine } from '../print.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  register: (program) => {
    program
      .command('schema')
      .description('print the JSON Schema of a kind of file, for editors')
      .argument('[kind]', 'muster.yaml, model, audience or connector.yaml; the list when absent')
      .option('--json', 'print JSON, for programs')
      .action((kind: string | undefined, { json }: { json?: boolean }) => {
        const schemas: Readonly<Record<string, object>> = { ...jsonSchemas(), 'connector.yaml': connectorSchema() }
        const kinds = Object.keys(schemas)
        if (kind === undefined) return json ? printJson(kinds) : printLine(kinds.join('\n'))
        const schema = schemas[kind]
        if (!schema)
          throw new MusterError('usage', `There is no kind of file "${kind}".`, {
            hint: `There are: ${kinds.join(', ')}.`,
          })
        printJson(schema)
      })
  },
}
