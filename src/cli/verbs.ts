import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { MusterError } from '../core/errors.ts'
import { codeExtension } from '../core/package-root.ts'
import type { Verb } from './verb.ts'

const verbsFolder = join(import.meta.dirname, 'verbs')

/** The verb that `args` name, or all of them where they name none (for help and suggestions). */
export async function loadVerbs(args: readonly string[], folder = verbsFolder): Promise<readonly Verb[]> {
  const names = verbNames(folder)
  const wanted = args.find((arg) => !arg.startsWith('-'))
  const loaded = names.filter((name) => name === wanted)
  return Promise.all((loaded.length > 0 ? loaded : names).map((name) => loadVerb(folder, name)))
}

function verbNames(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(codeExtension) && !file.includes('.test.'))
    .map((file) => file.slice(0, -codeExtension.length))
    .sort()
}

async function loadVerb(folder: string, name: string): Promise<Verb> {
  const file = join(folder, name + codeExtension)
  const module: { verb?: Verb } = await import(pathToFileURL(file).href)
  if (!module.verb) throw new MusterError('internal', `${file} does not export \`verb\``)
  return module.verb
}
