import { runDemo } from '../demo/run-demo.ts'
import { parsePort } from '../port.ts'
import { untilStopped } from '../stop.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  register: (program) => {
    program
      .command('demo')
      .description('run the example company: events in, audiences out to local twins; then stay up')
      .option('--port <port>', 'port to listen on; PORT, else 8080', parsePort)
      .option('--once', 'stop after the summary')
      .action(({ port, once = false }: { port?: number; once?: boolean }) =>
        runDemo({ port: port ?? parsePort(process.env.PORT), once, stopped: untilStopped() }),
      )
  },
}
