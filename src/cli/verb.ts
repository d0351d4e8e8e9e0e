import type { Command } from 'commander'

/**
 * One word of the command line. `src/cli/verbs/<verb>.ts` exports it as `verb`; the file is named for the command it
 * registers, so that running one verb loads no other.
 */
export interface Verb {
  register(program: Command): void
}
