import { type ReplayCount, type ReplayPace, type ReplayRecord, readCounts } from '../../pipeline/index.ts'
import { builder } from '../builder.ts'

const ReplayCountType = builder.objectRef<ReplayCount>('ReplayCount').implement({
  description: 'What a dry run counts of one event.',
  fields: (t) => ({
    source: t.exposeString('source'),
    event: t.exposeString('event', { description: 'The name of a track event; of others the table of their type.' }),
    events: t.exposeFloat('events'),
    present: t.exposeFloat('present', { description: 'In the warehouse already.' }),
    partial: t.exposeFloat('partial', { description: 'Of these, those of which some rows are gone.' }),
  }),
})

const ReplayPaceType = builder.objectRef<ReplayPace>('ReplayPace').implement({
  description: 'How fast a replay goes.',
  fields: (t) => ({
    recordsPerSecond: t.exposeFloat('recordsPerSecond'),
    secondsLeft: t.exposeFloat('secondsLeft', { nullable: true }),
  }),
})

const ReplayType = builder.objectRef<ReplayRecord>('Replay').implement({
  description: 'Events of archive and log on their way into the warehouse again.',
  fields: (t) => ({
    id: t.exposeString('id'),
    source: t.exposeString('source', { nullable: true }),
    from: t.expose('from_time', { type: 'DateTime', nullable: true }),
    to: t.expose('to_time', { type: 'DateTime', nullable: true }),
    where: t.exposeString('predicate'),
    overwrite: t.exposeBoolean('overwrite'),
    dryRun: t.exposeBoolean('dry_run'),
    state: t.exposeString('state', { description: '`running`, `done`, `failed` or `stopped`.' }),
    error: t.exposeString('error', { nullable: true }),
    records: t.exposeFloat('records', { description: 'Records read so far.' }),
    total: t.exposeFloat('total', { description: 'Records to be read in all.' }),
    pace: t.field({
      type: ReplayPaceType,
      nullable: true,
      resolve: (record, _args, { workspace }) => workspace.replays.paceOf(record),
    }),
    events: t.exposeFloat('events', { description: 'Events that were asked for.' }),
    landed: t.exposeFloat('landed'),
    duplicates: t.exposeFloat('duplicates', { description: 'There already, or copies of others.' }),
    rejected: t.exposeFloat('rejected', { description: 'Refused events, restored among the rejected ones.' }),
    untested: t.exposeFloat('untested', { description: 'Left out because `where` failed on them.' }),
    untestedReason: t.exposeString('untested_reason', { nullable: true, description: 'How it failed first.' }),
    counts: t.field({ type: [ReplayCountType], resolve: ({ counts }) => [...readCounts(counts)] }),
    startedAt: t.expose('started_at', { type: 'DateTime' }),
    endedAt: t.expose('ended_at', { type: 'DateTime', nullable: true }),
  }),
})

builder.queryField('replays', (t) =>
  t.field({
    type: [ReplayType],
    description: 'The newest first.',
    resolve: (_root, _args, { workspace }) => workspace.replays.list(),
  }),
)

builder.queryField('replay', (t) =>
  t.field({
    type: ReplayType,
    nullable: true,
    args: { id: t.arg.string({ required: true }) },
    resolve: async (_root, { id }, { workspace }) => (await workspace.replays.read(id)) ?? null,
  }),
)

builder.mutationField('startReplay', (t) =>
  t.field({
    type: ReplayType,
    description: 'Starts to land again what archive and log hold. Ask `replay` how it goes.',
    args: {
      source: t.arg.string({ description: 'Of all sources when absent.' }),
      from: t.arg({ type: 'DateTime', description: 'Received at or after.' }),
      to: t.arg({ type: 'DateTime', description: 'Received before.' }),
      where: t.arg.string({ description: 'JSONata over the event that gives true or false; it also sees $source.' }),
      overwrite: t.arg.boolean({ description: 'Events that are in the warehouse are deleted and made anew.' }),
      dryRun: t.arg.boolean({ description: 'Only count.' }),
      rate: t.arg.float({ description: 'Records a second at most.' }),
    },
    resolve: (_root, { source, from, to, where, overwrite, dryRun, rate }, { workspace }) =>
      workspace.replays.start({
        source: source ?? null,
        from_time: from ?? null,
        to_time: to ?? null,
        predicate: where ?? '',
        overwrite: overwrite ?? false,
        dry_run: dryRun ?? false,
        rate: rate ?? null,
      }),
  }),
)

builder.mutationField('resumeReplay', (t) =>
  t.field({
    type: ReplayType,
    description: 'Goes on with a replay that was stopped or failed, where it stopped.',
    args: { id: t.arg.string({ required: true }) },
    resolve: (_root, { id }, { workspace }) => workspace.replays.goOn(id),
  }),
)

builder.mutationField('stopReplay', (t) =>
  t.field({
    type: ReplayType,
    description: 'Ends a replay after the batch under way.',
    args: { id: t.arg.string({ required: true }) },
    resolve: (_root, { id }, { workspace }) => workspace.replays.stop(id),
  }),
)
