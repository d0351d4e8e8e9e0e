import type { Connector } from '../../delivery/index.ts'
import { builder } from '../builder.ts'

const ConnectorType = builder.objectRef<Connector>('Connector').implement({
  description: "What speaks one vendor's API.",
  fields: (t) => ({
    name: t.exposeString('name'),
    title: t.string({ resolve: ({ manifest }) => manifest.title }),
    description: t.string({ resolve: ({ manifest }) => manifest.description }),
  }),
})

builder.queryField('connectors', (t) =>
  t.field({ type: [ConnectorType], resolve: (_root, _args, { workspace }) => [...workspace.connectors.values()] }),
)
