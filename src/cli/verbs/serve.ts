import { resolve } from 'node:path'
import { systemEffects } from '../../core/effects.ts'
import { createLogger, serve } from '../../server/index.ts'
import { type CommonOptions, withCommonOptions } from '../common.ts'
import { parsePort } from '../port.ts'
import { printJson, printLine } from '../print.ts'
import { untilStopped } from '../stop.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  register: (program) => {
    withCommonOptions(program.command('serve'))
      .description('collect events and serve the API until stopped')
      .option('--port <port>', 'port to listen on; PORT, else muster.yaml, else 8080', parsePort)
      .action(async ({ project, env, json, port }: CommonOptions & { port?: number }) => {
        const stopped = untilStopped()
        await using serving = await serve({
          dir: resolve(project),
          env,
          port: port ?? parsePort(process.env.PORT),
          effects: systemEffects,
          logger: createLogger('server'),
        })
        if (json) printJson({ url: serving.url })
        else printLine(`Muster is ready at ${serving.url}`)
        await stopped
      })
  },
}
