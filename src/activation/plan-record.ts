/**
 * A plan as it is stored and shown.
 */
import type { State } from '../state/state.ts'
import type { Session } from '../warehouse/warehouse.ts'
import type { PlanBooks } from './books.ts'
import type { Verdict } from './guards.ts'

export type PlanState = 'planned' | 'applying' | 'applied' | 'superseded'

/**
 * ready: to be applied · unchanged: nothing to do · stopped: by a guard · stale: the audience was not rebuilt ·
 * unreachable: the destination refused or did not answer · applied / failed: after apply.
 */
export type SyncState = 'ready' | 'unchanged' | 'stopped' | 'stale' | 'unreachable' | 'applied' | 'failed'

export interface Sample {
  readonly operation: 'add' | 'update' | 'remove'
  /** Masked. */
  readonly key: string
  readonly profileId: number
}

export interface PlanDetails {
  /** Why rows are invalid, suppressed or held: code → rows. */
  readonly reasons: Readonly<Record<string, number>>
  readonly samples: readonly Sample[]
  readonly guards: readonly Verdict[]
  readonly notes: readonly string[]
  /** Changes as they would have been, had no guard stopped them. */
  readonly withheld?: { readonly add: number; readonly update: number; readonly remove: number }
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string }
}

export interface PlannedSync extends PlanBooks {
  readonly plan: number
  readonly sync: string
  readonly definition: string
  readonly destination: string
  readonly target: string
  readonly base_url: string
  readonly account: string
  readonly object_id: string | null
  readonly state: SyncState
  readonly fingerprint: string
  readonly ledger_version: number
  readonly members_before: number
  readonly members_after: number | null
  readonly delivered: number | null
  readonly rejected: number | null
  readonly failed: number | null
  readonly in_doubt: number | null
  readonly suppressed_since: number | null
  readonly resolved: number | null
  readonly details: PlanDetails
}

export interface Plan {
  readonly id: number
  readonly run: number
  readonly state: PlanState
  readonly as_of: Date
  readonly created_at: Date
  readonly applied_at: Date | null
  /** Why applying it broke off; it may be applied again. */
  readonly error: string | null
  readonly syncs: readonly PlannedSync[]
}

/** A stored plan, or the newest when `id` is absent. */
export async function readPlan(state: State, id?: number): Promise<Plan | undefined> {
  return state.warehouse.session(async (session) => {
    const plans = state.table('plans').select('*').orderBy('id', 'desc').limit(1)
    const [plan] = await session.query<Omit<Plan, 'syncs'>>(id === undefined ? plans : plans.where({ id }))
    if (!plan) return undefined
    return { ...plan, syncs: await readSyncs(state, session, plan.id) }
  })
}

/** The newest plans, newest first. */
export async function readPlans(state: State, limit: number): Promise<readonly Plan[]> {
  return state.warehouse.session(async (session) => {
    const plans = await session.query<Omit<Plan, 'syncs'>>(
      state.table('plans').select('*').orderBy('id', 'desc').limit(limit),
    )
    const all: Plan[] = []
    for (const plan of plans) all.push({ ...plan, syncs: await readSyncs(state, session, plan.id) })
    return all
  })
}

async function readSyncs(state: State, session: Session, plan: number): Promise<readonly PlannedSync[]> {
  const rows = await session.query<Omit<PlannedSync, 'details'> & { details: string }>(
    state.table('plan_syncs').select('*').where({ plan }).orderBy('sync'),
  )
  return rows.map((row) => ({ ...row, details: JSON.parse(row.details) as PlanDetails })) // written by us, as PlanDetails
}
