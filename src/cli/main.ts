import { Command, CommanderError } from 'commander'
import { packageVersion } from '../core/package-root.ts'
import { failureOf, formatFailure } from './failure.ts'
import { loadVerbs } from './verbs.ts'

/** Runs the verb that `args` name and returns the exit code: 0 done, 1 failed, 2 usage, 3 stopped by a guard. */
export async function main(args: readonly string[], verbs?: string): Promise<number> {
  try {
    const program = await createProgram(args, verbs)
    await program.parseAsync(args.length === 0 ? ['--help'] : [...args], { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    return reportFailure(error, args)
  }
}

/** Tells standard error what failed, as the flags among `args` ask, and returns the exit code. */
export function reportFailure(error: unknown, args: readonly string[]): number {
  process.stderr.write(formatFailure(error, { json: args.includes('--json'), debug: args.includes('--debug') }))
  return failureOf(error).exit
}

/** The command line with the verbs of `folder`, or only the one that `args` name. */
async function createProgram(args: readonly string[], folder?: string): Promise<Command> {
  const program = new Command('muster')
    .description('Collect events, know your customers, define audiences, and see every change before it leaves.')
    .version(packageVersion(), '-V, --version')
    .option('--debug', 'show the stack of a failure')
    .helpCommand(true)
  for (const verb of await loadVerbs(args, folder)) verb.register(program)
  throwInsteadOfExiting(program)
  return program
}

/** Commander would print its own errors and end the process; `main` does both in one way for all failures. */
function throwInsteadOfExiting(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => {} })
  for (const child of command.commands) throwInsteadOfExiting(child)
}
