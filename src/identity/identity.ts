/**
 * Identity: identifiers, the edges between them, and the profiles they make.
 */
import type { Project } from '../project/index.ts'
import type { Dialect } from '../warehouse/dialect.ts'
import type { NumberOwners } from '../warehouse/load-events.ts'
import { type Names, physicalNames, quoted } from '../warehouse/names.ts'
import type { Session, Warehouse } from '../warehouse/warehouse.ts'
import { collectEdges } from './edges.ts'
import { type Normaliser, normaliser, ownerNumbering } from './identifiers.ts'
import { eventSources, type IdentifierSource, identifierTypes, tableSources } from './sources.ts'
import { type StitchResult, stitch } from './stitch.ts'
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
  /** Types of identifiers, strongest first. */
  readonly types: readonly string[]
  readonly normalise: Normaliser
  readonly #project: Project
  readonly #warehouse: Warehouse

  constructor(project: Project, warehouse: Warehouse) {
    this.#project = project
    this.#warehouse = warehouse
    this.dialect = warehouse.dialect
    this.names = physicalNames(warehouse.dialect, project.prefix)
    this.types = identifierTypes(project.identity.priority, project.sourceTables)
    this.normalise = normaliser(warehouse.dialect, project.identity.blocked)
  }

  async open(): Promise<void> {
    await createIdentityTables(this.#warehouse, this.names)
  }

  /** For the loader: each event row carries the number of the identifier that owns it. */
  get numberOwners(): NumberOwners {
    return ownerNumbering(this.dialect, this.names, this.normalise)
  }

  /** Stitches what the run may see; rebuilds members, profiles and the stitched views. */
  async run(run: IdentityRun): Promise<StitchResult> {
    const tables = await this.#warehouse.columns()
    const sources = Object.keys(this.#project.sources)
    const { dialect } = this.#warehouse
    const identified = await this.collect(run.load)

    const target = run.historic ? physicalNames(dialect, this.#project.prefix, { historic: true }) : this.names
    const events = eventTables(sources, tables)
    const activity = this.#activity(events, run)
    const active = `select identifier from (${activity}) e union ${this.#tableIdentifiers(identified)}`
    const result = await stitch({
      warehouse: this.#warehouse,
      names: this.names,
      target,
      types: this.types,
      active,
      run: run.run,
      asOf: run.asOf,
    })
    await this.#warehouse.transaction('build', async (session) => {
      await this.#writeProfiles(session, target, activity)
      const views = [
        ...stitchedEvents(dialect, target, sources, tables, run),
        ...stitchedSourceTables(dialect, target, this.#project.sourceTables, this.types, tables, this.normalise),
      ]
      await session.run(`create schema if not exists ${dialect.identifier(target.schema('stitched'))}`)
      for (const { name, sql } of views) {
        await session.replace({ kind: 'view', schema: target.schema('stitched'), name, sql })
      }
    })
    return result
  }

  /** Brings identifiers and edges up to this load; gives what they were collected from. */
  async collect(load: number): Promise<readonly IdentifierSource[]> {
    const tables = await this.#warehouse.columns()
    const { dialect } = this.#warehouse
    const identified = [
      ...eventSources(dialect, Object.keys(this.#project.sources), this.types, tables),
      ...tableSources(dialect, this.#project.sourceTables, this.types, tables),
    ]
    for (const source of identified) await this.#collect(source, load)
    return identified
  }

  async #collect(source: IdentifierSource, load: number): Promise<void> {
    const { dialect } = this.#warehouse
    const progress = this.names.table('identity', 'progress')
    await this.#warehouse.transaction('load', async (session) => {
      const [done] = await session.query<{ load: number }>(`select load from ${progress} where source = $1`, [
        source.name,
      ])
      const after = done?.load ?? 0
      if (source.kind === 'events' && after >= load) return
      await collectEdges(session, dialect, this.names, this.normalise, source, { after, upTo: load })
      await session.run(`delete from ${progress} where source = $1`, [source.name])
      await session.run(`insert into ${progress} (source, load) values ($1, $2)`, [source.name, load])
    })
  }

  /** SQL: identifier, first_seen, last_seen over all events the run may see. */
  #activity(tables: readonly string[], window: RunWindow): string {
    const { dialect } = this.#warehouse
    if (tables.length === 0) {
      return 'select cast(null as bigint) as identifier, cast(null as timestamptz) as first_seen, cast(null as timestamptz) as last_seen where false'
    }
    // Tables of single track events repeat what `tracks` holds.
    const primary = tables.filter((table) => /\.(tracks|identifies|pages|screens|groups|aliases)$/.test(table))
    const arms = primary.map((table) => {
      const [schema = '', name = ''] = table.split('.', 2)
      return `select _identifier as identifier, min("timestamp") as first_seen, max("timestamp") as last_seen
        from ${quoted(dialect, schema, name)} t where _identifier is not null and ${seenBy(dialect, window, 't')} group by 1`
    })
    return arms.join(' union all ')
  }

  #tableIdentifiers(sources: readonly IdentifierSource[]): string {
    const { dialect } = this.#warehouse
    const identifiers = this.names.table('identity', 'identifiers')
    const arms = sources
      .filter(({ kind }) => kind === 'table')
      .flatMap(({ table, columns }) =>
        columns.map(
          ({ type, column }) =>
            `select i.id from ${identifiers} i join (select distinct ${this.normalise(type, dialect.identifier(column))} as value from ${table}) v
             on v.value = i.value where i.type = ${dialect.text(type)}`,
        ),
      )
    return arms.length > 0 ? arms.join(' union ') : 'select cast(null as bigint) where false'
  }

  async #writeProfiles(session: Session, target: Names, activity: string): Promise<void> {
    const { dialect } = this.#warehouse
    const members = target.table('identity', 'members')
    const identifiers = this.names.table('identity', 'identifiers')
    const values = this.types.map((type) => {
      // Of several values the one first seen: it does not change when another joins.
      const first = dialect.minBy('i.value', 'i.id', `i.type = ${dialect.text(type)}`)
      return `${first} as ${dialect.identifier(type)}`
    })
    await session.replace({
      kind: 'table',
      schema: target.schema('identity'),
      name: 'profiles',
      sql: `select p.*, a.first_seen, a.last_seen from
         (select m.profile_id, ${values.join(', ')}, count(*) as identifiers from ${members} m
          join ${identifiers} i on i.id = m.identifier group by 1) p
       left join (select m.profile_id, min(e.first_seen) as first_seen, max(e.last_seen) as last_seen
                  from (${activity}) e join ${members} m on m.identifier = e.identifier group by 1) a
       on a.profile_id = p.profile_id`,
    })
  }
}
