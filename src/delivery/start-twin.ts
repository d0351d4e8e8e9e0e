import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { MusterError } from '../core/errors.ts'
import type { Connector } from './connector.ts'
import type { TwinDefinition } from './twin.ts'
import { type RunningTwin, serveTwin } from './twin-server.ts'

export interface StartTwinInput {
  readonly connector: Connector
  /** The destination it plays; its state is `<dir>/<destination>.sqlite`. */
  readonly destination: string
  readonly dir: string
  readonly port?: number
}

/** Starts the connector's twin with the state it had when it was last closed. Throws `twin_missing`. */
export async function startTwin({ connector: { name, twin }, ...input }: StartTwinInput): Promise<RunningTwin> {
  if (!existsSync(twin))
    throw new MusterError('twin_missing', `The connector ${name} has no twin: there is no ${twin}.`)
  const module = (await import(pathToFileURL(twin).href)) as { readonly twin?: TwinDefinition } // what a twin's file exports
  if (!module.twin) throw new MusterError('twin_missing', `${twin} exports no \`twin\`.`)
  return serveTwin({ twin: module.twin, ...input })
}
