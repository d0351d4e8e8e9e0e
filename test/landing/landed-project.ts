import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { acceptEvent, eventRows } from '../../src/event/index.ts'
import type { Landed } from '../../src/pipeline/index.ts'
import type { Loadable } from '../../src/warehouse/load-events.ts'
import type { Value } from '../../src/warehouse/warehouse.ts'
import { Site } from './site.ts'

const NOW = '2026-05-01T00:00:00.000Z'

/** A warehouse into which a test lands events of source `web`, one list a load. */
export class LandedProject implements AsyncDisposable {
  readonly site: Site
  readonly #dir: string
  #position = 0

  /** `warehouse` as in muster.yaml, in JSON. */
  static async open(warehouse: object = { memory_limit: '512MB' }): Promise<LandedProject> {
    const dir = await mkdtemp(join(tmpdir(), 'muster-landed-'))
    const project = { version: 1, warehouse, sources: { web: { write_key: 'w' } } }
    await writeFile(join(dir, 'muster.yaml'), JSON.stringify(project))
    return new LandedProject(await Site.open({ dir, events: 1000 }), dir)
  }

  private constructor(site: Site, dir: string) {
    this.site = site
    this.#dir = dir
  }

  /** The events as accepted, flattened, at the next positions. */
  flatten(events: readonly object[]): readonly Loadable[] {
    return events.map((sent) => {
      this.#position += 1
      const id = `m${this.#position}`
      const context = { receivedAt: NOW, requestIp: '', id: () => id }
      const accepted = acceptEvent({ anonymousId: 'a', timestamp: NOW, ...sent }, context)
      if ('reason' in accepted) throw new Error(accepted.reason)
      const record = { source: 'web', receivedAt: NOW, requestIp: '', event: accepted.event }
      return { ...eventRows(record), source: 'web', position: this.#position }
    })
  }

  land(events: readonly object[], options: { readonly overwrite?: boolean } = {}): Promise<Landed> {
    const loadables = this.flatten(events)
    const last = this.#position
    const also = async () => {}
    const load = { consumer: 'test', events: loadables, refusals: [], first: last, last, also, ...options }
    return this.site.landing.land(load)
  }

  /** Tries to land what is held; gives how many rows landed. */
  async mend(): Promise<number> {
    let landed = 0
    for (const table of await this.site.landing.waitingFor()) {
      landed += await this.site.landing.mend(table, new AbortController().signal)
    }
    return landed
  }

  run(sql: string): Promise<number> {
    return this.site.warehouse.session((session) => session.run(sql))
  }

  rows(sql: string, values: readonly Value[] = []): Promise<Record<string, unknown>[]> {
    return this.site.warehouse.session((session) => session.query(sql, values))
  }

  /** The first column of all rows. */
  async list(sql: string): Promise<unknown[]> {
    return (await this.rows(sql)).map((row) => Object.values(row)[0])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.site[Symbol.asyncDispose]()
    await rm(this.#dir, { recursive: true, force: true })
  }
}
