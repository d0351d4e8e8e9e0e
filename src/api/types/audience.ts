import { type AudienceSize, audienceMembers, audienceSizes } from '../../audience/history.ts'
import type { Audience } from '../../project/index.ts'
import { readStale } from '../../run/index.ts'
import { builder } from '../builder.ts'
import { readProfiles } from '../read-profiles.ts'
import { ProfileType } from './profile.ts'
import { SendType } from './send.ts'

const SizeType = builder.objectRef<AudienceSize>('AudienceSize').implement({
  description: 'How large an audience was in one run.',
  fields: (t) => ({
    run: t.exposeInt('run'),
    asOf: t.expose('as_of', { type: 'DateTime' }),
    members: t.exposeInt('members'),
    entered: t.exposeInt('entered'),
    left: t.exposeInt('left'),
  }),
})

const AudienceType = builder.objectRef<Audience>('Audience').implement({
  description: 'A set of profiles or accounts defined by SQL.',
  fields: (t) => ({
    id: t.exposeString('id', { description: 'Such as `audiences.at_risk`: the name to use in SQL.' }),
    name: t.exposeString('name'),
    description: t.exposeString('description'),
    file: t.exposeString('file'),
    sql: t.exposeString('sql'),
    entity: t.exposeString('entity', { description: 'What its members are: user or account.' }),
    reads: t.stringList({
      resolve: ({ id }, _args, { workspace }) => [...(workspace.definitions.graph.nodes.get(id)?.reads ?? [])],
    }),
    size: t.int({
      nullable: true,
      description: 'Members by the latest run; null before the first.',
      resolve: async ({ name }, _args, { workspace }) =>
        (await audienceSizes(workspace.state, name, 1))[0]?.members ?? null,
    }),
    stale: t.string({
      nullable: true,
      resolve: async ({ id }, _args, { workspace }) => (await readStale(workspace.state)).get(id) ?? null,
    }),
    history: t.field({
      type: [SizeType],
      description: 'Sizes by run, newest first.',
      args: { first: t.arg.int({ defaultValue: 30 }) },
      resolve: async ({ name }, { first }, { workspace }) => [
        ...(await audienceSizes(workspace.state, name, first ?? 30)),
      ],
    }),
    members: t.field({
      type: [ProfileType],
      description: 'Present members in the order of their id; ask for more with `after`, the last id seen.',
      args: { first: t.arg.int({ defaultValue: 50 }), after: t.arg.int({ defaultValue: 0 }) },
      resolve: async ({ name, entity }, { first, after }, { workspace }) => {
        const members = await audienceMembers(workspace.state, name, {
          first: Math.min(first ?? 50, 1000),
          after: after ?? 0,
        })
        return readProfiles(
          workspace,
          members.map(({ profile_id }) => profile_id),
          entity,
        )
      },
    }),
    send: t.field({ type: [SendType], resolve: ({ send }) => [...send] }),
  }),
})

builder.queryField('audiences', (t) =>
  t.field({
    type: [AudienceType],
    resolve: (_root, _args, { workspace }) => [...workspace.definitions.project.audiences],
  }),
)

builder.queryField('audience', (t) =>
  t.field({
    type: AudienceType,
    nullable: true,
    args: { name: t.arg.string({ required: true }) },
    resolve: (_root, { name }, { workspace }) =>
      workspace.definitions.project.audiences.find((audience) => audience.name === name || audience.id === name) ??
      null,
  }),
)
