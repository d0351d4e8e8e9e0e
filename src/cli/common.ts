/**
 * What verbs share: where the project is, and operations on it.
 */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { systemEffects } from '../core/effects.ts'
import { createLogger, type Operations, openOperations } from '../server/index.ts'

export interface CommonOptions {
  readonly project: string
  readonly env: string
  readonly json?: boolean
}

/** Adds --project, --env and --json. */
export function withCommonOptions(command: Command): Command {
  return command
    .option('--project <dir>', 'folder of the project', '.')
    .option('--env <name>', 'environment of the project', 'dev')
    .option('--json', 'print JSON, for programs')
}

/** Runs work with the project's operations: the server's, or this process's own where none is running. */
export async function withOperations<T>(
  { project, env }: CommonOptions,
  work: (operations: Operations) => Promise<T>,
): Promise<T> {
  const dir = resolve(project)
  await using operations = await openOperations({ dir, env, effects: systemEffects, logger: createLogger('cli') })
  return await work(operations)
}

/** A selector given as one or several words; undefined when none was. */
export function selectorOf(words: readonly string[]): string | undefined {
  return words.length === 0 ? undefined : words.join(' ')
}
