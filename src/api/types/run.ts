import type { RunRecord, StepRecord } from '../../run/index.ts'
import { builder } from '../builder.ts'

const StepType = builder.objectRef<StepRecord>('Step').implement({
  description: 'One step of a run.',
  fields: (t) => ({
    name: t.exposeString('name'),
    kind: t.exposeString('kind'),
    state: t.exposeString('state', { description: '`running`, `done`, `failed`, `stopped` by a guard, or `skipped`.' }),
    message: t.exposeString('message', { nullable: true }),
    rows: t.exposeFloat('rows', { nullable: true }),
    ms: t.exposeInt('ms', { nullable: true }),
  }),
})

const RunType = builder.objectRef<RunRecord>('Run').implement({
  description: 'One execution of the run order, at one instant.',
  fields: (t) => ({
    id: t.exposeInt('id'),
    selector: t.exposeString('selector', { nullable: true }),
    state: t.exposeString('state', {
      description: '`running`, `done`, `failed`, `stopped` by a guard, or `interrupted`.',
    }),
    error: t.exposeString('error', { nullable: true }),
    asOf: t.expose('as_of', { type: 'DateTime' }),
    load: t.exposeFloat('load', { description: 'Rows of later loads were not seen.' }),
    historic: t.exposeBoolean('historic', { description: 'It evaluated the past, into schemas that end in `_asof`.' }),
    startedAt: t.expose('started_at', { type: 'DateTime' }),
    endedAt: t.expose('ended_at', { type: 'DateTime', nullable: true }),
    steps: t.field({
      type: [StepType],
      resolve: async ({ id }, _args, { workspace }) => [...(await workspace.runs.steps(id))],
    }),
  }),
})

builder.queryField('runs', (t) =>
  t.field({
    type: [RunType],
    description: 'The newest first.',
    args: { first: t.arg.int({ defaultValue: 20 }) },
    resolve: async (_root, { first }, { workspace }) => [...(await workspace.runs.list(first ?? 20))],
  }),
)

builder.queryField('run', (t) =>
  t.field({
    type: RunType,
    nullable: true,
    args: { id: t.arg.int({ required: true }) },
    resolve: async (_root, { id }, { workspace }) => (await workspace.runs.read(id)) ?? null,
  }),
)

builder.mutationField('startRun', (t) =>
  t.field({
    type: RunType,
    description: 'Starts a run behind the one under way; ask `run` how it goes.',
    args: {
      selector: t.arg.string({
        description: 'Models and audiences to build, such as `at_risk` or `+at_risk`; all when absent.',
      }),
      asOf: t.arg({ type: 'DateTime', description: 'The instant to evaluate at; now when absent.' }),
      allowShrink: t.arg.stringList({ description: 'Source tables that may lose most of their rows this once.' }),
    },
    resolve: (_root, { selector, asOf, allowShrink }, { jobs }) =>
      jobs.startRun({
        selector: selector ?? undefined,
        asOf: asOf ?? undefined,
        allowShrink: allowShrink ?? undefined,
      }),
  }),
)
