import type { Destination } from '../../project/index.ts'
import { builder } from '../builder.ts'

const DestinationType = builder.objectRef<Destination>('Destination').implement({
  description: 'A configured connector.',
  fields: (t) => ({
    name: t.exposeString('name'),
    connector: t.exposeString('connector'),
    title: t.string({
      resolve: ({ connector }, _args, { workspace }) =>
        workspace.connectors.get(connector)?.manifest.title ?? connector,
    }),
    twin: t.exposeBoolean('twin', { description: 'Played by its twin in this environment.' }),
    twinUrl: t.string({
      nullable: true,
      description: "Where the twin shows what it holds; it is started when asked. Null for the vendor's own API.",
      resolve: async (destination, _args, { workspace }) =>
        destination.twin ? (await workspace.destinations.twin(destination)).url : null,
    }),
  }),
})

builder.queryField('destinations', (t) =>
  t.field({
    type: [DestinationType],
    resolve: (_root, _args, { workspace }) => Object.values(workspace.definitions.project.destinations),
  }),
)
