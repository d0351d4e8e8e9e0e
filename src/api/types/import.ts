import type { ImportRecord } from '../../pipeline/index.ts'
import { builder } from '../builder.ts'

const ImportType = builder.objectRef<ImportRecord>('Import').implement({
  description: 'A file of historic events on its way into the warehouse.',
  fields: (t) => ({
    id: t.exposeString('id'),
    source: t.exposeString('source'),
    file: t.exposeString('file'),
    state: t.exposeString('state', { description: '`running`, `done` or `failed`.' }),
    error: t.exposeString('error', { nullable: true }),
    line: t.exposeFloat('line', { description: 'Lines up to this one have landed.' }),
    bytes: t.exposeFloat('bytes'),
    totalBytes: t.exposeFloat('total_bytes'),
    events: t.exposeFloat('events'),
    duplicates: t.exposeFloat('duplicates'),
    rejected: t.exposeFloat('rejected'),
    erased: t.float({
      description: 'Events and rows of deleted people, kept nowhere.',
      resolve: ({ id }, _args, { workspace }) => workspace.landing.erasedBy(`import:${id}`),
    }),
    startedAt: t.expose('started_at', { type: 'DateTime' }),
    endedAt: t.expose('ended_at', { type: 'DateTime', nullable: true }),
  }),
})

builder.queryField('imports', (t) =>
  t.field({
    type: [ImportType],
    description: 'The newest first.',
    resolve: (_root, _args, { workspace }) => workspace.imports.list(),
  }),
)

builder.queryField('import', (t) =>
  t.field({
    type: ImportType,
    nullable: true,
    args: { id: t.arg.string({ required: true }) },
    resolve: async (_root, { id }, { workspace }) => (await workspace.imports.read(id)) ?? null,
  }),
)

builder.mutationField('startImport', (t) =>
  t.field({
    type: ImportType,
    description:
      'Starts importing a file; one that was interrupted goes on where it stopped. Ask `import` how it goes.',
    args: {
      file: t.arg.string({ required: true, description: 'Absolute path on the machine of the server.' }),
      source: t.arg.string({ required: true }),
      map: t.arg.string({ description: 'JSONata that turns a row into an event; rows are events when absent.' }),
    },
    resolve: (_root, { file, source, map }, { workspace }) =>
      workspace.imports.start({ file, source, map: map ?? undefined }),
  }),
)
