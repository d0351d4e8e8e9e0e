import { builder } from '../builder.ts'
import { readStatus, type Status } from '../read-status.ts'

const StatusType = builder.objectRef<Status>('Status').implement({
  description: 'Where everything stands, for people and for the first page.',
  fields: (t) => ({
    logHead: t.exposeFloat('logHead', { description: 'Records acknowledged by the collector.' }),
    logPosition: t.exposeFloat('logPosition', { description: 'Records landed in the warehouse.' }),
    lag: t.float({
      description: 'Acknowledged and not landed yet.',
      resolve: ({ logHead, logPosition }) => logHead - logPosition,
    }),
    events: t.exposeFloat('events', { description: 'Events landed, imports included.' }),
    duplicates: t.exposeFloat('duplicates'),
    rejected: t.exposeFloat('rejected', { description: 'Events refused, each kept with its reason.' }),
    discards: t.exposeFloat('discards', {
      description: 'Values that did not fit their column, each kept with its reason.',
    }),
    profiles: t.exposeFloat('profiles'),
    identifiers: t.exposeFloat('identifiers'),
    ledgerMembers: t.exposeFloat('ledgerMembers', { description: 'Members that destinations have acknowledged.' }),
    inDoubt: t.exposeFloat('inDoubt', { description: 'Rows sent of which the outcome is unknown.' }),
  }),
})

builder.queryField('status', (t) =>
  t.field({ type: StatusType, resolve: (_root, _args, { workspace }) => readStatus(workspace) }),
)
