import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pino } from 'pino'
import { systemEffects } from '../src/core/effects.ts'
import type { Project } from '../src/project/index.ts'
import { type RunResult, Workspace } from '../src/run/index.ts'
import { type RunInput, runProject } from '../src/run/run-project.ts'
import { freshDatabase } from './postgres/database.ts'

export type Engine = Project['warehouse']['engine']

export const ENGINES: readonly Engine[] = ['duckdb', 'postgres']

/** A project in a folder of its own, opened in this process. */
export class TempProject implements AsyncDisposable {
  readonly dir: string
  #workspace: Workspace | undefined
  #imports = 0

  /** `files`: path → text. On Postgres it has a database of its own. */
  static async make(files: Readonly<Record<string, string>>, engine: Engine = 'duckdb'): Promise<TempProject> {
    const project = new TempProject(await mkdtemp(join(tmpdir(), 'muster-project-')))
    for (const [file, text] of Object.entries(files)) await project.write(file, text)
    if (engine === 'postgres') {
      const warehouse = `\nwarehouse: { engine: postgres, url: "${await freshDatabase()}" }\n`
      await appendFile(join(project.dir, 'muster.yaml'), warehouse)
    }
    return project
  }

  private constructor(dir: string) {
    this.dir = dir
  }

  async write(file: string, text: string): Promise<void> {
    const path = join(this.dir, file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }

  async workspace(): Promise<Workspace> {
    const logger = pino({ level: 'silent' })
    this.#workspace ??= await Workspace.open({ dir: this.dir, env: 'dev', effects: systemEffects, logger })
    return this.#workspace
  }

  /** Closes the process's hold; what is on disk stays. */
  async close(): Promise<void> {
    await this.#workspace?.[Symbol.asyncDispose]()
    this.#workspace = undefined
  }

  /** Lands events of source `web`. */
  async land(events: readonly object[]): Promise<void> {
    const workspace = await this.workspace()
    const file = `events-${this.#imports++}.ndjson`
    await this.write(file, events.map((event) => `${JSON.stringify(event)}\n`).join(''))
    const { id } = await workspace.imports.start({ file: join(this.dir, file), source: 'web' })
    for (;;) {
      const record = await workspace.imports.read(id)
      if (record?.state === 'done') return
      if (record?.state === 'failed') throw new Error(record.error ?? 'import failed')
      await systemEffects.sleep(10)
    }
  }

  async run(input: Partial<RunInput> = {}): Promise<RunResult> {
    return runProject(await this.workspace(), { alone: true, ...input }, () => {})
  }

  async rows<R extends object>(sql: string): Promise<R[]> {
    return (await this.workspace()).warehouse.session((session) => session.query<R>(sql))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
    await rm(this.dir, { recursive: true, force: true })
  }
}
