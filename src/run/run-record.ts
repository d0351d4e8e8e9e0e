/**
 * Runs as they are recorded: each with its instant, its watermark and what became of every step.
 */
import type { Effects } from '../core/effects.ts'
import type { State } from '../state/state.ts'

export type RunState = 'running' | 'done' | 'failed' | 'stopped' | 'interrupted'

/** done · failed: an error · stopped: by a guard · skipped: something it reads failed or was stopped. */
export type StepState = 'running' | 'done' | 'failed' | 'stopped' | 'skipped'

export interface RunRecord {
  readonly id: number
  readonly selector: string | null
  readonly state: RunState
  readonly error: string | null
  readonly as_of: Date
  /** Rows of later loads are not seen. */
  readonly load: number
  readonly historic: boolean
  readonly started_at: Date
  readonly ended_at: Date | null
}

export interface StepRecord {
  readonly run: number
  readonly position: number
  /** `billing.customers`, `identity`, `models.usage`, `profiles`, `audiences.at_risk`, `plan`. */
  readonly name: string
  readonly kind: 'events' | 'source_table' | 'identity' | 'model' | 'profiles' | 'accounts' | 'audience' | 'plan'
  readonly state: StepState
  readonly message: string | null
  readonly rows: number | null
  readonly ms: number | null
}

export class RunLog {
  readonly #state: State
  readonly #effects: Effects

  constructor(state: State, effects: Effects) {
    this.#state = state
    this.#effects = effects
  }

  /** Runs that no process works on any more did not end: they were killed. */
  async markInterrupted(): Promise<void> {
    await this.#state.transaction(async (session) => {
      const ended_at = this.#effects.now()
      await session.run(
        this.#state.table('runs').where({ state: 'running' }).update({ state: 'interrupted', ended_at }),
      )
      await session.run(
        this.#state
          .table('run_steps')
          .where({ state: 'running' })
          .update({ state: 'failed', message: 'the process was stopped' }),
      )
    })
  }

  async start(run: { selector: string | undefined; asOf: Date; historic: boolean }): Promise<RunRecord> {
    return this.#state.transaction(async (session) => {
      const [last] = await session.query<{ id: number | null }>(this.#state.table('runs').max('id as id'))
      const record: RunRecord = {
        id: (last?.id ?? 0) + 1,
        selector: run.selector ?? null,
        state: 'running',
        error: null,
        as_of: run.asOf,
        load: 0,
        historic: run.historic,
        started_at: this.#effects.now(),
        ended_at: null,
      }
      await session.run(this.#state.table('runs').insert({ ...record, kind: 'run' }))
      return record
    })
  }

  async setLoad(id: number, load: number): Promise<void> {
    await this.#state.transaction((session) => session.run(this.#state.table('runs').where({ id }).update({ load })))
  }

  async end(id: number, state: RunState, error: string | undefined): Promise<void> {
    const ended_at = this.#effects.now()
    await this.#state.transaction((session) =>
      session.run(
        this.#state
          .table('runs')
          .where({ id })
          .update({ state, error: error ?? null, ended_at }),
      ),
    )
  }

  async writeStep(step: StepRecord): Promise<void> {
    const { run, position } = step
    await this.#state.transaction(async (session) => {
      await session.run(this.#state.table('run_steps').where({ run, position }).delete())
      await session.run(this.#state.table('run_steps').insert({ ...step }))
    })
  }

  /** The instant of the latest run that recorded membership. */
  async lastAsOf(): Promise<Date | undefined> {
    const [row] = await this.#state.warehouse.session((session) =>
      session.query<{ as_of: Date | null }>(
        this.#state.table('runs').where({ historic: false }).whereNot({ state: 'running' }).max('as_of as as_of'),
      ),
    )
    return row?.as_of ?? undefined
  }

  async read(id: number): Promise<RunRecord | undefined> {
    const [run] = await this.#query<RunRecord>(this.#state.table('runs').where({ id }))
    return run
  }

  list(limit: number): Promise<readonly RunRecord[]> {
    return this.#query<RunRecord>(this.#state.table('runs').orderBy('id', 'desc').limit(limit))
  }

  steps(run: number): Promise<readonly StepRecord[]> {
    return this.#query<StepRecord>(this.#state.table('run_steps').where({ run }).orderBy('position'))
  }

  #query<R extends object>(statement: ReturnType<State['table']>): Promise<R[]> {
    return this.#state.warehouse.session((session) => session.query<R>(statement))
  }
}
