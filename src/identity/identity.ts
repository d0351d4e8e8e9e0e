/**
 * Identity: identifiers, the edges between them, and the profiles they make.
 */
import type { Project } from '../project/index.ts'
import type { Dialect } from '../warehouse/dialect.ts'
import type { NumberOwners } from '../warehouse/load-events.ts'
import { type Names, physicalNames, quoted } from '../warehouse/names.ts'
import type { Session, Warehouse } from '../warehouse/warehouse.ts'
import { type Collector, collectSource } from './collect.ts'
import { computeValues, type RawColumn } from './computed-values.ts'
import { type Decision, readDecisions, storeDecisions } from './decisions.ts'
import type { GraphInput } from './graph.ts'
import { IdentifierTypes } from './identifier-types.ts'
import { ownerNumbering } from './identifiers.ts'
import { normalFormOf } from './normal-form.ts'
import { isComputed, type Normaliser, type Normalisers, normalisers } from './normalise.ts'
import { writeProfiles } from './profiles.ts'
import {
  COLLECTED,
  collectingRules,
  DECIDED,
  GROUPED,
  groupingRules,
  newRows,
  RULES,
  readProgress,
  writeProgress,
} from './progress.ts'
import { REGION_TABLES } from './region.ts'
import { renumberOwners } from './renumber.ts'
import { eventSources, type IdentifierSource, nothingOf, tableSources } from './sources.ts'
import { readStatistics, type StitchResult } from './statistics.ts'
import { stitch } from './stitch.ts'
import { eventTables, type RunWindow, seenBy, stitchedEvents, stitchedSourceTables } from './stitched.ts'
import { createIdentityTables } from './tables.ts'

export interface IdentityRun extends RunWindow {
  readonly run: number
  /** Evaluates the past: written beside the current tables, nothing recorded. */
  readonly historic: boolean
}

export class Identity {
  readonly names: Names
  readonly dialect: Dialect
  readonly types: IdentifierTypes
  readonly normalise: Normaliser
  readonly #normalisers: Normalisers
  readonly #project: Project
  readonly #warehouse: Warehouse

  constructor(project: Project, warehouse: Warehouse) {
    this.#project = project
    this.#warehouse = warehouse
    this.dialect = warehouse.dialect
    this.names = physicalNames(warehouse.dialect, project.prefix)
    this.types = new IdentifierTypes(project.identity)
    const computed = this.names.table('identity', 'computed')
    const { types, blocked } = project.identity
    this.#normalisers = normalisers({ dialect: warehouse.dialect, types, blocked, computed })
    this.normalise = this.#normalisers.normalise
  }

  async open(): Promise<void> {
    await createIdentityTables(this.#warehouse, this.names)
  }

  /** For the loader: each event row carries the number of the identifier that owns it. */
  get numberOwners(): NumberOwners {
    return ownerNumbering(this.dialect, this.names, this.normalise)
  }

  /** What reading its graph takes, besides the region and the instant. */
  get graphInput(): Omit<GraphInput, 'asOf' | 'region'> {
    return { dialect: this.dialect, names: this.names, types: this.types }
  }

  /** Works out normal forms that SQL cannot, of a relation's columns: before `normalise` is used on them. Load lane. */
  async prepare(session: Session, relation: string, columns: readonly RawColumn[]): Promise<void> {
    const { types, blocked } = this.#project.identity
    const table = this.names.table('identity', 'computed')
    await computeValues(session, { dialect: this.dialect, types, blocked, table }, relation, columns)
  }

  /** SQL of identifiers by their numbers: one column, `identifier`. */
  only(numbers: readonly number[]): string {
    return `select id as identifier from ${this.names.table('identity', 'identifiers')} where id in (${[0, ...numbers].join(', ')})`
  }

  /** SQL of the normal form of a text that somebody typed, null where it names nobody. */
  async normalText(name: string, raw: string): Promise<string> {
    const type = this.types.get(name)
    if (!type || !isComputed(type)) return this.normalise(name, this.dialect.text(raw))
    const value = await normalFormOf(type)(raw)
    return value === null ? 'null' : this.dialect.text(value)
  }

  /** Stitches what the run may see; brings members, profiles, accounts and the stitched views up to date. */
  async run(run: IdentityRun): Promise<StitchResult> {
    const { whole } = await this.#collect(run)
    const tables = await this.#warehouse.columns()
    const target = run.historic ? this.#historicNames() : this.names
    const events = eventTables(Object.keys(this.#project.sources), tables)
    const activity = run.historic
      ? this.#activity(events, run)
      : `select identifier, first_seen, last_seen from ${this.names.table('identity', 'sightings')}`
    return this.#warehouse.transaction('build', async (session) => {
      await session.run(`create schema if not exists ${this.dialect.identifier(target.schema('identity'))}`)
      const input = { warehouse: this.#warehouse, names: this.names, target, types: this.types, asOf: run.asOf }
      const { changed } = await stitch(session, { ...input, run: run.run, whole })
      await writeProfiles(session, { ...input, activity, changed })
      await this.#writeViews(session, target, tables, run)
      for (const table of [...REGION_TABLES, 'stitched_profiles']) await session.run(`drop table if exists ${table}`)
      if (!run.historic) await this.#record(session, GROUPED, groupingRules(this.#project.identity))
      return readStatistics(session, this.names, target)
    })
  }

  /** Brings identifiers and edges up to this load and instant. */
  async collect(window: RunWindow): Promise<void> {
    await this.#collect({ ...window, historic: false })
  }

  /** `whole`: something that concerns every group has changed. */
  async #collect({ load, asOf, historic }: Omit<IdentityRun, 'run'>): Promise<{ whole: boolean }> {
    const { identity: settings, root, sourceTables } = this.#project
    const sources = Object.keys(this.#project.sources)
    const decisions = await readDecisions(
      root,
      settings.types.map(({ name }) => name),
    )
    const tables = await this.#warehouse.columns()
    const input = { dialect: this.dialect, settings, tables }
    const rules = collectingRules(settings)
    const state = await this.#warehouse.transaction('load', async (session) => {
      const [counted] = await session.query<{ n: number }>(
        `select count(*) as n from ${this.names.table('identity', 'members')}`,
      )
      const grouped = await readProgress(session, this.names, GROUPED)
      const collected = await readProgress(session, this.names, COLLECTED)
      const fresh = (counted?.n ?? 0) === 0
      const changed = collected !== undefined && collected.rules !== rules
      if (changed) {
        await this.#forget(session)
        await renumberOwners(session, this, tables, eventTables(sources, tables))
      }
      await this.#record(session, COLLECTED, rules)
      const whole = fresh || changed || grouped?.rules !== groupingRules(settings)
      await this.#decide(session, decisions, !whole)
      return { whole }
    })
    const identified = [...eventSources(input, sources), ...tableSources(input, sourceTables)]
    const noting = !state.whole
    for (const source of identified) await this.#collectFrom(source, { load, asOf, historic, noting })
    await this.#forgetSources(identified, noting)
    return state
  }

  async #decide(session: Session, decisions: readonly Decision[], noting: boolean): Promise<void> {
    const rules = JSON.stringify(decisions)
    if ((await readProgress(session, this.names, DECIDED))?.rules === rules) return
    await storeDecisions(session, this.#collector(noting), decisions)
    await this.#record(session, DECIDED, rules)
  }

  #collector(noting: boolean): Collector {
    const { types, blocked } = this.#project.identity
    return { dialect: this.dialect, names: this.names, types, blocked, ...this.#normalisers, noting }
  }

  async #collectFrom(
    source: IdentifierSource,
    { load, asOf, historic, noting }: Omit<IdentityRun, 'run'> & { readonly noting: boolean },
  ): Promise<void> {
    if (source.columns.length === 0) return
    await this.#warehouse.transaction('load', async (session) => {
      const done = await readProgress(session, this.names, source.name)
      const collector = this.#collector(noting)
      if (source.kind === 'table') {
        const checksum = await this.#checksum(session, source)
        if (done?.rules === checksum) return
        await collectSource(session, collector, source, { first: done === undefined })
        return writeProgress(session, this.names, source.name, { load, as_of: null, rules: checksum, later: null })
      }
      // What was collected stays: a run of the past sees less of it, and collects what landed since.
      const until = historic && done?.as_of ? done.as_of : asOf
      const condition = newRows(this.dialect, done, { load, asOf: until })
      if (done && done.load >= load && !done.later) return
      await collectSource(session, collector, source, { first: done === undefined, newRows: condition })
      const [later] = await session.query(
        `select 1 from ${source.table} where _load <= ${load} and "timestamp" > ${this.dialect.timestamp(until)}
         ${done && !done.later ? `and _load > ${done.load}` : ''} limit 1`,
      )
      await writeProgress(session, this.names, source.name, {
        load,
        as_of: until,
        rules: null,
        later: later !== undefined,
      })
    })
  }

  async #checksum(session: Session, { table, columns }: IdentifierSource): Promise<string> {
    const sum = this.dialect.checksum(columns.map(({ expression }) => expression))
    const [row] = await session.query<{ rows: number; sum: string | null }>(
      `select count(*) as rows, ${sum} as sum from ${table}`,
    )
    return JSON.stringify([columns, row?.rows, row?.sum])
  }

  /** What was collected by other rules; numbers and ids stay. */
  async #forget(session: Session): Promise<void> {
    for (const table of ['computed', 'edges', 'sightings', 'belongings', 'progress', 'touched']) {
      await session.run(`delete from ${this.names.table('identity', table)}`)
    }
  }

  /** A source that the project names no more says nothing. */
  async #forgetSources(identified: readonly IdentifierSource[], noting: boolean): Promise<void> {
    const named = new Set(identified.map(({ name }) => name))
    await this.#warehouse.transaction('load', async (session) => {
      const known = await session.query<{ source: string }>(
        `select source from ${this.names.table('identity', 'progress')}`,
      )
      for (const { source } of known) {
        if (named.has(source) || RULES.includes(source)) continue
        await collectSource(session, this.#collector(noting), nothingOf(source), { first: false })
        await session.run(`delete from ${this.names.table('identity', 'progress')} where source = $1`, [source])
      }
    })
  }

  async #record(session: Session, name: string, rules: string): Promise<void> {
    await writeProgress(session, this.names, name, { load: 0, as_of: null, rules, later: null })
  }

  #historicNames(): Names {
    return physicalNames(this.dialect, this.#project.prefix, { historic: true })
  }

  async #writeViews(
    session: Session,
    target: Names,
    tables: Awaited<ReturnType<Warehouse['columns']>>,
    window: RunWindow,
  ): Promise<void> {
    const { dialect, types, normalise } = this
    const input = {
      dialect,
      names: target,
      identifiers: this.names,
      types,
      normalise,
      tables,
      settings: this.#project.identity,
    }
    const views = [
      ...stitchedEvents(input, Object.keys(this.#project.sources), window),
      ...stitchedSourceTables(input, this.#project.sourceTables),
    ]
    await session.run(`create schema if not exists ${dialect.identifier(target.schema('stitched'))}`)
    for (const { name, sql } of views) {
      await session.replace({ kind: 'view', schema: target.schema('stitched'), name, sql })
    }
  }

  /** SQL: identifier, first_seen, last_seen over all events the run may see. */
  #activity(tables: readonly string[], window: RunWindow): string {
    // Tables of single track events repeat what `tracks` holds.
    const primary = tables.filter((table) => /\.(tracks|identifies|pages|screens|groups|aliases)$/.test(table))
    if (primary.length === 0) {
      return 'select cast(null as bigint) as identifier, cast(null as timestamptz) as first_seen, cast(null as timestamptz) as last_seen where false'
    }
    const arms = primary.map((table) => {
      const [schema = '', name = ''] = table.split('.', 2)
      return `select _identifier as identifier, min("timestamp") as first_seen, max("timestamp") as last_seen
        from ${quoted(this.dialect, schema, name)} t where _identifier is not null and ${seenBy(this.dialect, window, 't')} group by 1`
    })
    return arms.join(' union all ')
  }
}
