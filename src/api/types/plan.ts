import {
  createPlan,
  type Plan,
  type PlannedSync,
  readPlan,
  readPlans,
  selectSyncs,
  syncsOf,
} from '../../activation/index.ts'
import { readStale } from '../../run/index.ts'
import { builder } from '../builder.ts'
import type { ApiContext } from '../context.ts'

const PlannedSyncType = builder.objectRef<PlannedSync>('PlannedSync').implement({
  description: 'What one sync would change: queried = unchanged + add + update + invalid + suppressed + held.',
  fields: (t) => ({
    sync: t.exposeString('sync'),
    definition: t.exposeString('definition'),
    destination: t.exposeString('destination'),
    baseUrl: t.exposeString('base_url'),
    account: t.exposeString('account'),
    objectId: t.exposeString('object_id', { nullable: true, description: 'Null until apply creates the object.' }),
    state: t.exposeString('state'),
    queried: t.exposeInt('queried'),
    unchanged: t.exposeInt('unchanged'),
    add: t.exposeInt('add'),
    update: t.exposeInt('update'),
    remove: t.exposeInt('remove'),
    invalid: t.exposeInt('invalid'),
    suppressed: t.exposeInt('suppressed'),
    held: t.exposeInt('held'),
    heldRemovals: t.exposeInt('held_removals'),
    membersBefore: t.exposeInt('members_before'),
    membersAfter: t.exposeInt('members_after', { nullable: true }),
    delivered: t.exposeInt('delivered', { nullable: true }),
    rejected: t.exposeInt('rejected', { nullable: true }),
    failed: t.exposeInt('failed', { nullable: true }),
    inDoubt: t.exposeInt('in_doubt', { nullable: true }),
    suppressedSince: t.exposeInt('suppressed_since', { nullable: true }),
    details: t.field({
      type: 'JSON',
      description: 'Reasons by code, masked samples, verdicts of guards, notes.',
      resolve: ({ details }) => details,
    }),
  }),
})

const ProgressType = builder
  .objectRef<{ readonly sync: string; readonly done: number; readonly total: number }>('ApplyProgress')
  .implement({
    fields: (t) => ({ sync: t.exposeString('sync'), done: t.exposeInt('done'), total: t.exposeInt('total') }),
  })

const PlanType = builder.objectRef<Plan>('Plan').implement({
  description: 'What syncs would do now; applied once, or superseded.',
  fields: (t) => ({
    id: t.exposeInt('id'),
    run: t.exposeInt('run'),
    state: t.exposeString('state'),
    error: t.exposeString('error', { nullable: true }),
    asOf: t.expose('as_of', { type: 'DateTime' }),
    createdAt: t.expose('created_at', { type: 'DateTime' }),
    appliedAt: t.expose('applied_at', { type: 'DateTime', nullable: true }),
    syncs: t.field({ type: [PlannedSyncType], resolve: ({ syncs }) => [...syncs] }),
    progress: t.field({
      type: [ProgressType],
      nullable: true,
      description: 'While it is being applied; null when nobody applies it.',
      resolve: ({ id }, _args, { jobs }) => jobs.progressOf(id)?.slice() ?? null,
    }),
  }),
})

builder.queryField('plan', (t) =>
  t.field({
    type: PlanType,
    nullable: true,
    description: 'A plan by its number; the newest when absent.',
    args: { id: t.arg.int() },
    resolve: async (_root, { id }, { workspace }) => (await readPlan(workspace.state, id ?? undefined)) ?? null,
  }),
)

builder.queryField('plans', (t) =>
  t.field({
    type: [PlanType],
    description: 'The newest first.',
    args: { first: t.arg.int({ defaultValue: 20 }) },
    resolve: async (_root, { first }, { workspace }) => [...(await readPlans(workspace.state, first ?? 20))],
  }),
)

/** Plans over the tables as the last run left them. */
function plan({ workspace }: ApiContext, selector: string | undefined): Promise<Plan> {
  return workspace.exclusively(async () => {
    const { project } = await workspace.refresh()
    const syncs = selectSyncs(syncsOf(project), selector)
    const [last] = await workspace.runs.list(1)
    const stale = await readStale(workspace.state)
    const asOf = (await workspace.runs.lastAsOf()) ?? workspace.effects.now()
    return createPlan(workspace.activation, { syncs, run: last?.id ?? 0, asOf, stale })
  })
}

builder.mutationField('createPlan', (t) =>
  t.field({
    type: PlanType,
    description: 'Says what would change, from the tables as the last run left them. Nothing leaves.',
    args: { selector: t.arg.string({ description: 'Audiences, destinations or syncs; all when absent.' }) },
    resolve: (_root, { selector }, context) => plan(context, selector ?? undefined),
  }),
)

builder.mutationField('applyPlan', (t) =>
  t.field({
    type: PlanType,
    description: 'Starts executing a plan and no other; ask `plan` how it goes.',
    args: { id: t.arg.int({ description: 'The newest when absent.' }) },
    resolve: (_root, { id }, { jobs }) => jobs.startApply(id ?? undefined),
  }),
)
