import { builder } from '../builder.ts'
import { type HeldTable, readSources, type SourceFreshness } from '../read-freshness.ts'
import { readStatus, type Status } from '../read-status.ts'

const HeldType = builder.objectRef<HeldTable>('HeldTable').implement({
  description: 'Rows that wait for a table which does not take them; they land by themselves once it does.',
  fields: (t) => ({
    table: t.exposeString('table', { description: '`schema.table` that has to be mended.' }),
    rows: t.exposeFloat('rows'),
    since: t.expose('since', { type: 'DateTime', description: 'When the first of them was held.' }),
    reason: t.exposeString('reason', { description: 'What the warehouse said.' }),
  }),
})

const SourceFreshnessType = builder.objectRef<SourceFreshness>('SourceFreshness').implement({
  description: 'The newest events of a source in the warehouse.',
  fields: (t) => ({
    source: t.exposeString('source'),
    receivedAt: t.expose('receivedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the latest event landed was received; null where none has landed.',
    }),
    timestamp: t.expose('timestamp', { type: 'DateTime', nullable: true, description: 'The latest time of an event.' }),
  }),
})

const StatusType = builder.objectRef<Status>('Status').implement({
  description: 'Where everything stands, for people and for the first page.',
  fields: (t) => ({
    logHead: t.exposeFloat('logHead', { description: 'Records acknowledged by the collector.' }),
    logPosition: t.exposeFloat('logPosition', { description: 'Records landed in the warehouse.' }),
    lag: t.float({
      description: 'Acknowledged and not landed yet.',
      resolve: ({ logHead, logPosition }) => logHead - logPosition,
    }),
    secondsBehind: t.exposeFloat('secondsBehind', {
      description: 'Age of the oldest event that has not landed, held rows included; 0 where all has.',
    }),
    lastLoadAt: t.expose('lastLoadAt', { type: 'DateTime', nullable: true, description: 'When events last landed.' }),
    lastLoadEvents: t.exposeFloat('lastLoadEvents', { nullable: true, description: 'How many landed then.' }),
    eventsPerMinute: t.exposeFloat('eventsPerMinute', { description: 'Events landed in the last minute.' }),
    held: t.field({
      type: [HeldType],
      description: 'Tables that do not take rows, and the rows that wait for them.',
      resolve: ({ held }) => [...held],
    }),
    sources: t.field({
      type: [SourceFreshnessType],
      description: 'How fresh each source is. It looks at all rows: ask rarely.',
      resolve: async (_status, _args, { workspace }) => [...(await readSources(workspace))],
    }),
    editRefused: t.exposeString('editRefused', {
      nullable: true,
      description: 'Why the files of the project as they are now are not in force; null where they are.',
    }),
    events: t.exposeFloat('events', { description: 'Events landed, imports included.' }),
    duplicates: t.exposeFloat('duplicates'),
    rejected: t.exposeFloat('rejected', { description: 'Events refused, each kept with its reason.' }),
    discards: t.exposeFloat('discards', {
      description: 'Values that did not fit their column, each kept with its reason.',
    }),
    erased: t.exposeFloat('erased', { description: 'Earlier events of deleted people, kept nowhere.' }),
    profiles: t.exposeFloat('profiles'),
    identifiers: t.exposeFloat('identifiers'),
    ledgerMembers: t.exposeFloat('ledgerMembers', { description: 'Members that destinations have acknowledged.' }),
    inDoubt: t.exposeFloat('inDoubt', { description: 'Rows sent of which the outcome is unknown.' }),
  }),
})

builder.queryField('status', (t) =>
  t.field({ type: StatusType, resolve: (_root, _args, { workspace }) => readStatus(workspace) }),
)
