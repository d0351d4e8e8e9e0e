/**
 * Connectors: folders with a `connector.yaml`, discovered in Muster's own `connectors/` and in the project's.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { MusterError, messageOf } from '../core/errors.ts'
import { codeExtension } from '../core/package-root.ts'
import { connectorFolders } from './connector-folders.ts'
import { type Manifest, manifestSchema } from './manifest.ts'
import { compileManifest, type Program } from './program.ts'

export interface Connector {
  /** The folder's name. */
  readonly name: string
  /** Absolute. */
  readonly folder: string
  readonly manifest: Manifest
  /** The manifest's expressions and envelopes, compiled. */
  readonly program: Program
  /** The module of its twin, absolute. */
  readonly twin: string
}

/** Muster's connectors and those in the project's `connectors/`, which override. Throws `connector_invalid`. */
export async function loadConnectors(projectDir?: string): Promise<ReadonlyMap<string, Connector>> {
  const connectors = new Map<string, Connector>()
  for (const folder of await connectorFolders('connector.yaml', projectDir)) {
    connectors.set(basename(folder), await loadConnector(folder))
  }
  return connectors
}

async function loadConnector(folder: string): Promise<Connector> {
  const file = join(folder, 'connector.yaml')
  const manifest = readManifest(file, await readFile(file, 'utf8'))
  const envelope = (name: string) => readFile(join(folder, name), 'utf8')
  try {
    const program = await compileManifest(manifest, envelope)
    return { name: basename(folder), folder, manifest, program, twin: twinModule(folder) }
  } catch (error) {
    throw new MusterError('connector_invalid', `${file}: ${messageOf(error)}`, { cause: error })
  }
}

function readManifest(file: string, text: string): Manifest {
  let data: unknown
  try {
    data = parse(text)
  } catch (error) {
    throw new MusterError('connector_invalid', `${file}: ${messageOf(error)}`, { cause: error })
  }
  const { success, data: manifest, error } = manifestSchema.safeParse(data)
  if (!success) throw new MusterError('connector_invalid', `${file}: ${z.prettifyError(error)}`)
  const problem = inconsistency(manifest)
  if (problem !== undefined) throw new MusterError('connector_invalid', `${file}: ${problem}`)
  return manifest
}

/** What the schema cannot say: names that refer to one another. */
function inconsistency({
  settings,
  options,
  key,
  fields,
  auth,
  object,
  calls,
  operations,
}: Manifest): string | undefined {
  if (!fields[key]) return `key "${key}" is not one of the fields`
  const secret = auth.kind === 'basic' ? auth.password : auth.token
  if (!settings[secret]) return `auth names the setting "${secret}", which is not declared`
  const naming = [...object.find, object.create].find(({ given }) => !options[given])
  if (naming) return `object names the option "${naming.given}", which is not declared`
  const step = Object.values(operations)
    .flat()
    .find(({ call }) => !calls[call])
  if (step) return `operations name the call "${step.call}", which is not declared`
  return undefined
}

/** In a project a newcomer writes TypeScript whatever Muster itself runs as; in a build there is JavaScript only. */
function twinModule(folder: string): string {
  const built = join(folder, `twin${codeExtension}`)
  return existsSync(built) ? built : join(folder, 'twin.ts')
}
