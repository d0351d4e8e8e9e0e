import type { Model } from '../../project/index.ts'
import { readStale } from '../../run/index.ts'
import { builder } from '../builder.ts'
import { SendType } from './send.ts'

const ModelType = builder.objectRef<Model>('Model').implement({
  description: 'A SELECT kept in a file, materialised as view or table.',
  fields: (t) => ({
    id: t.exposeString('id', { description: 'Such as `models.usage`: the name to use in SQL.' }),
    name: t.exposeString('name'),
    description: t.exposeString('description'),
    file: t.exposeString('file'),
    sql: t.exposeString('sql'),
    materialize: t.exposeString('materialize'),
    grain: t.exposeString('grain', {
      nullable: true,
      description: 'user or account: each row is one, and its columns are traits of theirs.',
    }),
    reads: t.stringList({
      description: 'Models and audiences it reads.',
      resolve: ({ id }, _args, { workspace }) => [...(workspace.definitions.graph.nodes.get(id)?.reads ?? [])],
    }),
    stale: t.string({
      nullable: true,
      description: 'Why it keeps the rows of an earlier run; null when fresh.',
      resolve: async ({ id }, _args, { workspace }) => (await readStale(workspace.state)).get(id) ?? null,
    }),
    send: t.field({ type: [SendType], resolve: ({ send }) => [...send] }),
  }),
})

builder.queryField('models', (t) =>
  t.field({ type: [ModelType], resolve: (_root, _args, { workspace }) => [...workspace.definitions.project.models] }),
)
