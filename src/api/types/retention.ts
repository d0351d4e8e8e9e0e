import type { Retained } from '../../privacy/index.ts'
import { builder } from '../builder.ts'
import { TableCountType } from './deletion.ts'

const RetainedType = builder.objectRef<Retained>('Retained').implement({
  description: 'What was deleted because its source keeps it no longer.',
  fields: (t) => ({
    rows: t.field({ type: [TableCountType], resolve: ({ rows }) => [...rows] }),
    archivedRecords: t.float({ description: 'Erased in the archive.', resolve: ({ archive }) => archive.records }),
    archivedImports: t.float({ description: 'Events of imports erased.', resolve: ({ archive }) => archive.imported }),
    removedSegments: t.float({
      description: 'Segments of the archive removed whole.',
      resolve: ({ archive }) => archive.removed,
    }),
  }),
})

builder.mutationField('retain', (t) =>
  t.field({
    type: RetainedType,
    description: 'Deletes now what sources keep no longer, as `retention:` says. A server does so each hour.',
    resolve: (_root, _args, { jobs }) => jobs.retain(),
  }),
)
