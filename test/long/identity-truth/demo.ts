/**
 * The example project in a folder of its own, with the generator's data landed.
 */
import { createWriteStream } from 'node:fs'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pino } from 'pino'
import { parseDocument } from 'yaml'
import { type Company, events, writeTables } from '../../../examples/saas/generate/index.ts'
import { systemEffects } from '../../../src/core/effects.ts'
import { MusterError } from '../../../src/core/errors.ts'
import { Workspace } from '../../../src/run/index.ts'
import { runProject } from '../../../src/run/run-project.ts'

const EXAMPLE = join(import.meta.dirname, '../../../examples/saas')

/** What of the example is its project; data and state are made here. */
const PROJECT = ['muster.yaml', 'models', 'audiences']

export class Demo implements AsyncDisposable {
  readonly #dir: string
  readonly #company: Company

  static async make(company: Company): Promise<Demo> {
    const dir = await mkdtemp(join(tmpdir(), 'muster-truth-'))
    for (const part of PROJECT) await cp(join(EXAMPLE, part), join(dir, part), { recursive: true })
    const demo = new Demo(dir, company)
    await writeTables(company, join(dir, 'data'))
    await demo.#land()
    return demo
  }

  private constructor(dir: string, company: Company) {
    this.#dir = dir
    this.#company = company
  }

  /** Runs the whole project at the company's present, then looks at the result. */
  async run<T>(look: (workspace: Workspace) => Promise<T>): Promise<T> {
    await using workspace = await this.#open()
    const { run, steps } = await runProject(workspace, { alone: true }, () => {})
    const failed = steps.filter(({ state }) => state !== 'done').map(({ name, message }) => `${name}: ${message}`)
    if (run.state !== 'done') throw new Error(`the run is ${run.state}: ${run.error ?? failed.join('; ')}`)
    return await look(workspace)
  }

  /** Switches limits off in `muster.yaml`; false where this version has no such setting. */
  async withoutLimits(): Promise<boolean> {
    const path = join(this.#dir, 'muster.yaml')
    const document = parseDocument(await readFile(path, 'utf8'))
    document.setIn(['identity', 'limits'], 'off')
    await writeFile(path, document.toString())
    try {
      await using _ = await this.#open()
      return true
    } catch (error) {
      if (error instanceof MusterError && error.code === 'project_invalid') return false
      throw error
    }
  }

  #open(): Promise<Workspace> {
    const end = new Date(this.#company.end)
    const effects = { ...systemEffects, now: () => end }
    return Workspace.open({ dir: this.#dir, env: 'dev', effects, logger: pino({ level: 'silent' }) })
  }

  async #land(): Promise<void> {
    const file = join(this.#dir, 'events.ndjson')
    await pipeline(Readable.from(lines(this.#company)), createWriteStream(file))
    await using workspace = await this.#open()
    const { id } = await workspace.imports.start({ file, source: 'web' })
    for (;;) {
      const record = await workspace.imports.read(id)
      if (record?.state === 'done') return
      if (record?.state === 'failed') throw new Error(record.error ?? 'the import failed')
      await systemEffects.sleep(100)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#dir, { recursive: true, force: true })
  }
}

function* lines(company: Company): Iterable<string> {
  for (const message of events(company)) yield `${JSON.stringify(message)}\n`
}
