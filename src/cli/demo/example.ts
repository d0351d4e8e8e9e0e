/**
 * The example project, as the demo uses it: its generator and its check are loaded from its own folder.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { codeExtension, findPackageRoot } from '../../core/package-root.ts'

export interface Progress {
  readonly sent: number
  readonly failed: number
}

/** What a twin holds, compared with what the tables say it must hold. */
export interface Verdict {
  readonly sync: string
  readonly expected: number
  readonly held: number
  /** Members that are missing there, and members that should not be there. */
  readonly missing: number
  readonly surplus: number
}

export type Query = (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>

export interface Company {
  readonly eventCount: number
}

export interface Example {
  generateCompany(options: { seed: number; end: Date }): Company
  writeTables(company: Company, folder: string): Promise<unknown>
  events(company: Company): Iterable<unknown>
  sendEvents(options: {
    url: string
    writeKey: string
    messages: Iterable<unknown>
    onProgress: (progress: Progress) => void
  }): Promise<Progress & { reasons: Readonly<Record<string, number>> }>
  /** `twins`: destination → URL of its twin. */
  verifyTwins(query: Query, twins: Readonly<Record<string, string>>): Promise<readonly Verdict[]>
}

export const exampleFolder = (): string => join(findPackageRoot(), 'examples', 'saas')

export async function loadExample(): Promise<Example> {
  const path = join(exampleFolder(), 'generate', `index${codeExtension}`)
  return (await import(pathToFileURL(path).href)) as Example // examples/saas/generate exports these
}
