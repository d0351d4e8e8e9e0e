import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { MusterError } from './errors.ts'

const NAME = 'muster'

/** `.ts` in a clone, `.js` once built: what the discovery of verbs, connectors and migrations looks for. */
export const codeExtension = extname(import.meta.filename)

/**
 * The folder that holds `src/`, `connectors/`, `models/` and `audiences/`: the clone, or `dist/` of the package,
 * which carries a package.json of its own.
 */
export function findPackageRoot(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    if (packageName(folder) === NAME) return folder
    if (folder === dirname(folder)) break
  }
  throw new MusterError('internal', `no package.json named "${NAME}" above ${import.meta.dirname}`)
}

/** The version of this package. */
export function packageVersion(): string {
  return readPackage(findPackageRoot()).version
}

function packageName(folder: string): string | undefined {
  return existsSync(join(folder, 'package.json')) ? readPackage(folder).name : undefined
}

function readPackage(folder: string): { readonly name?: string; readonly version: string } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}
