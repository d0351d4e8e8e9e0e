/**
 * A run: load watermark → source tables → identity → models → profiles and accounts → audiences → plan, all at one instant.
 */
import { createPlan, type Plan, selectSyncs, syncsOf } from '../activation/index.ts'
import { recordMembership } from '../audience/membership.ts'
import { MusterError, messageOf } from '../core/errors.ts'
import { eventTables } from '../identity/index.ts'
import { buildTraitTable, type GraphNode, materialise, rewriteSelect, selectNodes } from '../modeling/index.ts'
import { loadSourceTable } from '../pipeline/index.ts'
import { type Entity, TRAIT_TABLES } from '../project/index.ts'
import { type Names, physicalNames } from '../warehouse/names.ts'
import type { Definitions } from './definitions.ts'
import { withMissingUpstream } from './needed.ts'
import type { RunRecord, StepRecord } from './run-record.ts'
import { scopeOf } from './scope.ts'
import { markFresh, markStale, readStale } from './stale.ts'
import type { Workspace } from './workspace.ts'

export interface RunInput {
  /** Which models and audiences to build; all when absent. */
  readonly selector?: string | undefined
  readonly asOf?: Date | undefined
  /** Source tables that may shrink this time. */
  readonly allowShrink?: readonly string[] | undefined
  /** Whether this process is the only one that lands events. */
  readonly alone: boolean
  readonly signal?: AbortSignal | undefined
}

export interface RunResult {
  readonly run: RunRecord
  readonly steps: readonly StepRecord[]
  readonly plan: Plan | undefined
}

type Ended = {
  readonly state: 'done' | 'failed' | 'stopped' | 'skipped'
  readonly message?: string
  readonly rows?: number | undefined
}

/** Starts a run under the lease; `started` tells its record as soon as there is one. */
export function runProject(
  workspace: Workspace,
  input: RunInput,
  started: (run: RunRecord) => void,
): Promise<RunResult> {
  return workspace.exclusively(async () => {
    const definitions = await workspace.refresh()
    const asOf = input.asOf ?? workspace.effects.now()
    const last = await workspace.runs.lastAsOf()
    const historic = last !== undefined && asOf < last
    const run = await workspace.runs.start({ selector: input.selector, asOf, historic })
    started(run)
    return new Run(workspace, definitions, run, input).execute()
  })
}

class Run {
  readonly #workspace: Workspace
  readonly #definitions: Definitions
  readonly #input: RunInput
  readonly #target: Names
  readonly #steps: StepRecord[] = []
  /** Definitions and source tables that did not get their new rows → why. */
  readonly #broken = new Map<string, string>()
  #run: RunRecord

  constructor(workspace: Workspace, definitions: Definitions, run: RunRecord, input: RunInput) {
    this.#workspace = workspace
    this.#definitions = definitions
    this.#run = run
    this.#input = input
    const { dialect } = workspace.warehouse
    this.#target = physicalNames(dialect, definitions.project.prefix, { historic: run.historic })
  }

  async execute(): Promise<RunResult> {
    const { runs } = this.#workspace
    let plan: Plan | undefined
    try {
      const chosen = selectNodes(this.#definitions.graph, this.#input.selector)
      await this.#land()
      await this.#loadSourceTables()
      await this.#stitch()
      for (const node of await this.#needed(chosen)) await this.#build(node)
      plan = await this.#plan(chosen)
      await runs.end(this.#run.id, this.#outcome(plan), undefined)
    } catch (error) {
      await runs.end(this.#run.id, 'failed', messageOf(error))
      throw error
    }
    return { run: (await runs.read(this.#run.id)) ?? this.#run, steps: this.#steps, plan }
  }

  #outcome(plan: Plan | undefined): 'done' | 'failed' | 'stopped' {
    if (this.#steps.some(({ state }) => state === 'failed')) return 'failed'
    const guarded = plan?.syncs.some(({ state }) => state === 'stopped') ?? false
    return guarded || this.#steps.some(({ state }) => state === 'stopped') ? 'stopped' : 'done'
  }

  /** Everything acknowledged before the run is in; what lands later is another run's. */
  async #land(): Promise<void> {
    const { consumer, landing, runs } = this.#workspace
    await this.#step('events', 'events', async () => {
      await consumer.catchUp(this.#input.signal, { alone: this.#input.alone })
      const load = await landing.watermark()
      await runs.setLoad(this.#run.id, load)
      this.#run = { ...this.#run, load }
      return { state: 'done' }
    })
  }

  async #loadSourceTables(): Promise<void> {
    const { warehouse, state, identity, effects } = this.#workspace
    const allowShrink = new Set(this.#input.allowShrink)
    for (const table of this.#definitions.project.sourceTables) {
      if (!table.data) continue
      const name = `${table.schema}.${table.name}`
      await this.#step(name, 'source_table', async () => {
        const result = await loadSourceTable({ warehouse, state, identity, effects, allowShrink }, table)
        switch (result.state) {
          case 'loaded':
            return { state: 'done', rows: result.rows }
          case 'unchanged':
            return { state: 'done', message: 'unchanged' }
          case 'stopped':
          case 'failed': {
            const { message, hint } = result.error
            this.#broken.set(name, message)
            return { state: result.state, message: `${message} ${hint}` }
          }
        }
      })
    }
  }

  async #stitch(): Promise<void> {
    const { id: run, historic, as_of: asOf, load } = this.#run
    await this.#step('identity', 'identity', async () => {
      const { profiles, identifiers, refused, shared } = await this.#workspace.identity.run({
        run,
        historic,
        asOf,
        load,
      })
      const kept = refused + shared > 0 ? `, ${refused} ties refused, ${shared} values that name nobody` : ''
      return { state: 'done', rows: profiles, message: `${identifiers} identifiers${kept}` }
    })
  }

  /** What was asked for, and what it reads that is not there yet. A historic run builds all it reads. */
  async #needed(chosen: readonly GraphNode[]): Promise<readonly GraphNode[]> {
    const tables = await this.#workspace.warehouse.columns()
    const exists = (node: GraphNode) => !this.#run.historic && tables.has(physicalName(node, this.#target))
    return withMissingUpstream(this.#definitions.graph, chosen, exists)
  }

  async #build(node: GraphNode): Promise<void> {
    const culprit = node.reads.find((name) => this.#broken.has(name))
    if (culprit !== undefined) {
      const reason = `it reads ${culprit}, which did not get its new rows`
      await this.#step(node.id, node.kind, async () => ({ state: 'skipped', message: reason }))
      await this.#stale(node.id, reason)
      return
    }
    const ended = await this.#step(node.id, node.kind, () => this.#buildNode(node))
    if (ended.state === 'done') await this.#fresh(node.id)
    else await this.#stale(node.id, ended.message ?? '')
  }

  async #buildNode(node: GraphNode): Promise<Ended> {
    try {
      return await this.#buildKind(node)
    } catch (error) {
      if (!(error instanceof MusterError)) throw error
      return { state: 'failed', message: `${error.message} ${error.hint}` }
    }
  }

  async #buildKind(node: GraphNode): Promise<Ended> {
    const { warehouse, state } = this.#workspace
    switch (node.kind) {
      case 'profiles':
      case 'accounts': {
        const models = this.#definitions.project.models.filter(({ grain }) => grain === node.entity)
        const traits = models.map(({ id, file, schema, name }) => ({
          id,
          file,
          name,
          schema: this.#target.schema(schema),
        }))
        return { state: 'done', rows: await buildTraitTable(warehouse, this.#target, node.entity, traits) }
      }
      case 'model': {
        const { model } = node
        const { materialize, grain } = model
        const rows = await this.#materialise(model, materialize, grain)
        return { state: 'done', rows }
      }
      case 'audience': {
        const { audience } = node
        const { name, entity } = audience
        const rows = await this.#materialise(audience, 'table', entity)
        if (this.#run.historic) return { state: 'done', rows }
        const { key } = TRAIT_TABLES[entity]
        const table = this.#target.table('audiences', name)
        const { id: run, as_of: asOf } = this.#run
        const { entered, left } = await recordMembership(state, { audience: name, table, key, run, asOf })
        return { state: 'done', rows, message: `${entered} entered, ${left} left` }
      }
    }
  }

  async #materialise(
    {
      id,
      file,
      schema,
      name,
      sql,
      dialect,
    }: { id: string; file: string; schema: string; name: string; sql: string; dialect?: string },
    materialize: 'view' | 'table',
    grain: Entity | undefined,
  ): Promise<number | undefined> {
    const { warehouse, names } = this.#workspace
    const { project, selects } = this.#definitions
    const parsed = selects.get(id)
    if (!parsed) throw new MusterError('internal', `${id} was checked and has no parsed SQL.`)
    const window = { asOf: this.#run.as_of, load: this.#run.load }
    const events = new Set(eventTables(Object.keys(project.sources), await warehouse.columns()))
    const table = scopeOf({ project, dialect: warehouse.dialect, names, target: this.#target, window, events })
    const { engine } = warehouse.dialect
    const rewritten = rewriteSelect(sql, parsed, {
      asOf: window.asOf,
      from: dialect ?? engine,
      to: engine,
      timezone: project.timezone,
      table,
    })
    return materialise(warehouse, {
      id,
      file,
      schema: this.#target.schema(schema),
      name,
      materialize,
      sql: rewritten,
      grain,
    })
  }

  async #plan(chosen: readonly GraphNode[]): Promise<Plan | undefined> {
    if (this.#run.historic) return undefined
    const { activation, state } = this.#workspace
    const ids = new Set(chosen.map(({ id }) => id))
    const syncs = syncsOf(this.#definitions.project).filter(({ definition }) => ids.has(definition))
    if (syncs.length === 0) return undefined
    let plan: Plan | undefined
    await this.#step('plan', 'plan', async () => {
      const stale = await readStale(state)
      plan = await createPlan(activation, {
        syncs: selectSyncs(syncs, undefined),
        run: this.#run.id,
        asOf: this.#run.as_of,
        stale,
      })
      return { state: 'done', message: `plan ${plan.id}` }
    })
    return plan
  }

  async #step(name: string, kind: StepRecord['kind'], work: () => Promise<Ended>): Promise<Ended> {
    this.#input.signal?.throwIfAborted()
    const { runs, effects } = this.#workspace
    const began = effects.now().getTime()
    const step: StepRecord = {
      run: this.#run.id,
      position: this.#steps.length,
      name,
      kind,
      state: 'running',
      message: null,
      rows: null,
      ms: null,
    }
    await runs.writeStep(step)
    const ms = () => effects.now().getTime() - began
    try {
      const ended = await work()
      const done: StepRecord = {
        ...step,
        state: ended.state,
        message: ended.message ?? null,
        rows: ended.rows ?? null,
        ms: ms(),
      }
      this.#steps.push(done)
      await runs.writeStep(done)
      return ended
    } catch (error) {
      await runs.writeStep({ ...step, state: 'failed', message: messageOf(error), ms: ms() })
      throw error
    }
  }

  async #stale(id: string, reason: string): Promise<void> {
    this.#broken.set(id, reason)
    if (!this.#run.historic) await markStale(this.#workspace.state, id, this.#run.id, reason)
  }

  async #fresh(id: string): Promise<void> {
    if (!this.#run.historic) await markFresh(this.#workspace.state, id)
  }
}

function physicalName(node: GraphNode, names: Names): string {
  switch (node.kind) {
    case 'profiles':
    case 'accounts':
      return names[node.kind].replaceAll('"', '')
    case 'model':
      return `${names.schema(node.model.schema)}.${node.model.name}`
    case 'audience':
      return `${names.schema('audiences')}.${node.audience.name}`
  }
}
