/**
 * Deletions: each goes on until it is done, also after a crash: its steps may all be done again.
 */
import type { Logger } from 'pino'
import type { Effects } from '../core/effects.ts'
import { MusterError, messageOf } from '../core/errors.ts'
import { type Identifier, identifierText, normalIdentifier } from '../event/index.ts'
import type { Identity, Person } from '../identity/index.ts'
import { closeSegmentOf, type LogReader, openLogWriter } from '../log/index.ts'
import type { Archiver, Landing, SuppressionList, WarehouseConsumer } from '../pipeline/index.ts'
import type { Project } from '../project/index.ts'
import type { State } from '../state/state.ts'
import { physicalNames } from '../warehouse/names.ts'
import { baseTables } from './base-tables.ts'
import { countRows, deleteRows, withdrawPlans } from './delete-rows.ts'
import { type Deletion, newDeletion, readDeletion, readDeletions, replaceDeletion } from './deletion-record.ts'
import { logMatcher } from './log-matcher.ts'
import { findMentions } from './mentions.ts'
import type { PersonScope } from './person-rows.ts'
import { type TableCount, withRows } from './receipt.ts'
import { findSubject, needlesOf } from './subject.ts'

export interface DeletionsSettings {
  readonly state: State
  /** As they are now. */
  readonly project: () => Project
  readonly identity: () => Identity
  readonly log: LogReader
  readonly landing: Landing
  readonly consumer: WarehouseConsumer
  readonly archiver: Archiver
  readonly suppressions: SuppressionList
  readonly effects: Effects
  readonly logger: Logger
  /** Under the lease: no run, plan or apply goes on meanwhile. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>
  /** While nothing else touches log and archive. */
  readonly archiving: <T>(work: () => Promise<T>) => Promise<T>
}

export interface DeletionRequest {
  readonly identifiers: readonly Identifier[]
  readonly reason: string
  /** Whether later events are not stored either. */
  readonly suppress: boolean
}

/** What a deletion would remove. */
export interface DeletionPreview {
  readonly identifiers: readonly Identifier[]
  readonly rows: readonly TableCount[]
}

/** Whether this process is the only one that works on the project. */
export interface Alone {
  readonly alone: boolean
}

export class Deletions {
  readonly #settings: DeletionsSettings
  readonly #stop = new AbortController()
  /** By id: those under way in this process. */
  readonly #working = new Map<string, Promise<void>>()

  constructor(settings: DeletionsSettings) {
    this.#settings = settings
  }

  /** Whom it would delete and how much; nothing is changed but what identity knows. Throws `usage`. */
  async preview(given: readonly Identifier[], how: Alone): Promise<DeletionPreview> {
    const { exclusively, state } = this.#settings
    const identifiers = validated(given)
    return exclusively(async () => {
      const scope = await this.#scope(await this.#find(identifiers, how))
      const rows = await state.warehouse.session((session) => countRows(session, scope))
      return { identifiers: scope.person.identifiers, rows }
    })
  }

  /** Records the deletion and begins it. Throws `usage`. */
  async start({ identifiers, reason, suppress }: DeletionRequest, how: Alone): Promise<Deletion> {
    const { state, effects } = this.#settings
    const options = { reason, suppress, now: effects.now() }
    const deletion = newDeletion(effects.id(), validated(identifiers), options)
    await state.transaction((session) => replaceDeletion(session, state, deletion))
    this.#begin(deletion, how)
    return deletion
  }

  /** Goes on with what a crash or a failure ended. */
  async resume(how: Alone): Promise<void> {
    for (const deletion of await this.list()) if (deletion.state !== 'done') this.#begin(deletion, how)
  }

  list(): Promise<readonly Deletion[]> {
    return readDeletions(this.#settings.state)
  }

  read(id: string): Promise<Deletion | undefined> {
    return readDeletion(this.#settings.state, id)
  }

  /** Stops at the next step; the next process goes on. */
  async close(): Promise<void> {
    this.#stop.abort(new MusterError('internal', 'the server is stopping'))
    await Promise.all(this.#working.values())
  }

  #begin(deletion: Deletion, how: Alone): void {
    if (this.#working.has(deletion.id) || this.#stop.signal.aborted) return
    const { exclusively } = this.#settings
    const work = exclusively(() => this.#run(deletion, how)).finally(() => this.#working.delete(deletion.id))
    this.#working.set(deletion.id, work)
  }

  async #run(deletion: Deletion, how: Alone): Promise<void> {
    const { state, effects, logger } = this.#settings
    try {
      this.#stop.signal.throwIfAborted()
      await this.#carryOut({ ...deletion, state: 'running', error: null }, how)
    } catch (error) {
      if (this.#stop.signal.aborted) return
      logger.error({ err: error, deletion: deletion.id }, `a deletion failed: ${messageOf(error)}`)
      const now = (await readDeletion(state, deletion.id)) ?? deletion
      const failed: Deletion = { ...now, state: 'failed', error: messageOf(error), endedAt: effects.now() }
      await state.transaction((session) => replaceDeletion(session, state, failed))
    }
  }

  async #carryOut(begun: Deletion, how: Alone): Promise<void> {
    const { state, effects } = this.#settings
    let deletion = begun
    if (deletion.pending !== undefined) {
      const person = deletion.pending.person ?? (await this.#find(deletion.pending.given, how))
      deletion = await this.#save({ ...deletion, pending: { ...deletion.pending, person } })
      const before = await this.#bury(deletion, person)
      deletion = await this.#deleteRows(before.deletion, person)
      deletion = await this.#eraseLog(deletion, person, { ...before, ...how })
      const mentions = await findMentions(
        state.warehouse,
        { project: this.#settings.project(), state: state.schema },
        person.identifiers,
      )
      const { pending: _, ...rest } = deletion
      deletion = await this.#save({ ...rest, pending: undefined, receipt: { ...deletion.receipt, mentions } })
      const { traces } = await state.warehouse.compact(needlesOf(person.identifiers))
      deletion = { ...deletion, receipt: { ...deletion.receipt, files: traces } }
    } else await state.warehouse.compact()
    await this.#save({ ...deletion, state: 'done', endedAt: effects.now() })
  }

  /** By all that was acknowledged: what has not landed yet may say who is who. */
  async #find(given: readonly Identifier[], how: Alone): Promise<Person> {
    const { state, identity, landing, consumer, effects } = this.#settings
    await consumer.catchUp(this.#stop.signal, how)
    const window = { load: await landing.watermark(), asOf: effects.now() }
    return findSubject(state.warehouse, identity(), given, window)
  }

  async #scope(person: Person): Promise<PersonScope> {
    const { state, identity, project } = this.#settings
    const { prefix, models } = project()
    const built = new Set<string>()
    for (const historic of [false, true]) {
      const names = physicalNames(state.warehouse.dialect, prefix, { historic })
      built.add(names.profiles).add(names.accounts).add(names.schema('audiences'))
      for (const { schema } of models) built.add(names.schema(schema))
    }
    return { identity: identity(), state, person, tables: await baseTables(state.warehouse), built }
  }

  /** From here on nothing of before lands, and what had landed is gone from the event tables. */
  async #bury(deletion: Deletion, person: Person): Promise<{ deletion: Deletion; through: number; until: Date }> {
    const { state, landing, suppressions, effects, log } = this.#settings
    const { tombstones } = landing
    if (deletion.suppress) await suppressions.add(idsOf(person), `deletion ${deletion.id}`)
    return landing.exclusively(async () => {
      const until = effects.now()
      const through = await log.head()
      const buried = await state.transaction(async (session) => {
        const hashes = await tombstones.add(session, deletion.id, person.identifiers, until)
        const receipt = { ...deletion.receipt, identifiers: countTypes(person) }
        const marked: Deletion = { ...deletion, hashes: [...new Set([...deletion.hashes, ...hashes])], receipt }
        await replaceDeletion(session, state, marked)
        return marked
      })
      await tombstones.reload()
      return { deletion: await this.#deleteLane(buried, person, 'load'), through, until }
    })
  }

  async #deleteRows(deletion: Deletion, person: Person): Promise<Deletion> {
    const built = await this.#deleteLane(deletion, person, 'build')
    await this.#settings.state.transaction((session) => withdrawPlans(session, { state: this.#settings.state, person }))
    return this.#deleteLane(built, person, 'state')
  }

  async #deleteLane(deletion: Deletion, person: Person, lane: 'load' | 'build' | 'state'): Promise<Deletion> {
    const { state } = this.#settings
    this.#stop.signal.throwIfAborted()
    const scope = await this.#scope(person)
    return state.warehouse.transaction(lane, async (session) => {
      const counts = await deleteRows(session, scope, lane)
      const counted = { ...deletion, receipt: withRows(deletion.receipt, counts) }
      await replaceDeletion(session, state, counted)
      return counted
    })
  }

  /** What was acknowledged before is archived, and erased there; new events go on into a segment of their own. */
  async #eraseLog(
    deletion: Deletion,
    person: Person,
    { through, until, alone }: Alone & { readonly through: number; readonly until: Date },
  ): Promise<Deletion> {
    const { consumer, archiver, archiving } = this.#settings
    const { signal } = this.#stop
    await this.#closeSegment(alone)
    await consumer.catchUp(signal, { alone })
    const { isGone, isLineGone, mentions } = logMatcher(person.identifiers, { through, until })
    const archive = await archiving(async () => {
      await archiver.run(signal)
      return archiver.erase(isGone, isLineGone, signal)
    })
    return this.#save({ ...deletion, receipt: { ...deletion.receipt, archive, archiveMentions: mentions() } })
  }

  async #closeSegment(alone: boolean): Promise<void> {
    const { effects, project } = this.#settings
    const { dir, maxDiskBytes } = project().log
    if (!alone) return void (await closeSegmentOf(effects, dir, this.#stop.signal))
    if ((await this.#settings.log.head()) === 0) return
    await using writer = await openLogWriter({ dir, maxDiskBytes, effects })
    await writer.closeSegment()
  }

  async #save(deletion: Deletion): Promise<Deletion> {
    const { state } = this.#settings
    this.#stop.signal.throwIfAborted()
    await state.transaction((session) => replaceDeletion(session, state, deletion))
    return deletion
  }
}

function validated(given: readonly Identifier[]): readonly Identifier[] {
  if (given.length === 0) throw new MusterError('usage', 'A deletion needs an identifier of the person.')
  return given.map(({ type, value }) => {
    const text = identifierText(value)
    if (text === undefined) throw new MusterError('usage', `${JSON.stringify(value)} identifies nobody.`)
    return normalIdentifier({ type, value: text })
  })
}

function countTypes({ identifiers }: Person): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { type } of identifiers) counts[type] = (counts[type] ?? 0) + 1
  return counts
}

/** What suppression knows people by. */
function idsOf({ identifiers }: Person): readonly string[] {
  return identifiers.filter(({ type }) => type === 'user_id' || type === 'anonymous_id').map(({ value }) => value)
}
