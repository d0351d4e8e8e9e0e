import { builder } from '../builder.ts'

const IDS = 'User ids or anonymous ids, as SDKs send them.'

builder.queryField('suppressed', (t) =>
  t.field({
    type: ['String'],
    description: 'Those of the ids whose events are acknowledged and not stored.',
    args: { ids: t.arg.stringList({ required: true, description: IDS }) },
    resolve: (_root, { ids }, { workspace }) => workspace.suppressions.among(ids),
  }),
)

builder.queryField('suppressionCount', (t) =>
  t.float({
    description: 'Ids whose events are acknowledged and not stored. Only hashes are kept, so they cannot be listed.',
    resolve: (_root, _args, { workspace }) => workspace.suppressions.count(),
  }),
)

builder.mutationField('suppress', (t) =>
  t.float({
    description: 'From now on events of these ids are acknowledged and not stored. Gives the size of the list.',
    args: {
      ids: t.arg.stringList({ required: true, description: IDS }),
      reason: t.arg.string({ defaultValue: '', description: 'Such as `opted out`; name nobody in it.' }),
    },
    resolve: async (_root, { ids, reason }, { workspace: { suppressions } }) => {
      await suppressions.add(ids, reason ?? '')
      return suppressions.count()
    },
  }),
)

builder.mutationField('unsuppress', (t) =>
  t.float({
    description: 'Events of these ids are stored again. Gives the size of the list.',
    args: { ids: t.arg.stringList({ required: true, description: IDS }) },
    resolve: async (_root, { ids }, { workspace: { suppressions } }) => {
      await suppressions.remove(ids)
      return suppressions.count()
    },
  }),
)
