/**
 * Jobs: runs and applies that go on after they were asked for, and how far they are.
 */
import { type ApplyProgress, applyPlan, type Plan, setPlanError, syncsOf } from '../activation/index.ts'
import { messageOf } from '../core/errors.ts'
import type { Deletion, DeletionPreview, DeletionRequest, Retained } from '../privacy/index.ts'
import { type RunInput, runProject } from './run-project.ts'
import type { RunRecord } from './run-record.ts'
import type { Workspace } from './workspace.ts'

export class Jobs implements AsyncDisposable {
  readonly #workspace: Workspace
  readonly #alone: boolean
  readonly #stop = new AbortController()
  readonly #working = new Set<Promise<unknown>>()
  /** Plans being applied → progress by sync. */
  readonly #applying = new Map<number, Map<string, ApplyProgress>>()

  /** `alone`: no server lands events meanwhile. */
  constructor(workspace: Workspace, { alone }: { alone: boolean }) {
    this.#workspace = workspace
    this.#alone = alone
  }

  /** Resolves when the run has a record; what goes wrong later is in it. Throws `project_invalid`, `usage`. */
  startRun(input: Pick<RunInput, 'selector' | 'asOf' | 'allowShrink'>): Promise<RunRecord> {
    return this.#start<RunRecord>((started) =>
      runProject(this.#workspace, { ...input, alone: this.#alone, signal: this.#stop.signal }, started),
    )
  }

  /** Resolves when sending begins. Throws `plan_missing`, `plan_outdated`, `project_invalid`. */
  startApply(plan: number | undefined): Promise<Plan> {
    return this.#start<Plan>((started) => this.#workspace.exclusively(() => this.#apply(plan, started)))
  }

  /** Whom a deletion would delete, and how much. Throws `usage`. */
  previewDeletion(identifiers: DeletionRequest['identifiers']): Promise<DeletionPreview> {
    return this.#workspace.deletions.preview(identifiers, { alone: this.#alone })
  }

  /** Resolves when the deletion has a record; it goes on until it is done. Throws `usage`. */
  startDeletion(request: DeletionRequest): Promise<Deletion> {
    return this.#workspace.deletions.start(request, { alone: this.#alone })
  }

  /** Deletes what sources do not keep any longer. */
  retain(): Promise<Retained> {
    return this.#workspace.retain(this.#stop.signal)
  }

  /** Progress by sync while the plan is being applied, else nothing. */
  progressOf(plan: number): readonly ApplyProgress[] | undefined {
    const progress = this.#applying.get(plan)
    return progress && [...progress.values()]
  }

  /** Ends runs at their next step, applies at their next batch, and waits for them. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the server is stopping'))
    await Promise.allSettled(this.#working)
  }

  async #apply(id: number | undefined, started: (plan: Plan) => void): Promise<void> {
    const { project } = await this.#workspace.refresh()
    const { activation } = this.#workspace
    let applying: number | undefined
    try {
      await applyPlan(activation, {
        plan: id,
        syncs: syncsOf(project),
        signal: this.#stop.signal,
        onStart: (plan) => {
          applying = plan.id
          this.#applying.set(plan.id, new Map())
          started(plan)
        },
        onProgress: (progress) => {
          if (applying !== undefined) this.#applying.get(applying)?.set(progress.sync, progress)
        },
      })
    } catch (error) {
      if (applying !== undefined) await setPlanError(activation, applying, messageOf(error))
      throw error
    } finally {
      if (applying !== undefined) this.#applying.delete(applying)
    }
  }

  /** A failure before the start rejects; one after it is in the record already, and is logged. */
  #start<T>(work: (started: (value: T) => void) => Promise<unknown>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let begun = false
      const job = work((value) => {
        begun = true
        resolve(value)
      }).catch((error: unknown) => {
        if (begun) this.#workspace.logger.error({ err: error }, messageOf(error))
        else reject(error)
      })
      this.#working.add(job)
      void job.finally(() => this.#working.delete(job))
    })
  }
}
