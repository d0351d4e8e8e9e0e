import type { ArchiveState } from '../../pipeline/index.ts'
import { builder } from '../builder.ts'

const ArchiveType = builder.objectRef<ArchiveState>('Archive').implement({
  description: 'Where closed segments of the log are kept, and whether that goes well.',
  fields: (t) => ({
    place: t.exposeString('place', { nullable: true, description: 'A folder or a bucket; null: nothing is kept.' }),
    error: t.exposeString('error', {
      nullable: true,
      description: 'Why the last attempt failed; segments stay in the log meanwhile.',
    }),
    failingSince: t.expose('failingSince', { type: 'DateTime', nullable: true }),
  }),
})

builder.queryField('archive', (t) =>
  t.field({ type: ArchiveType, resolve: (_root, _args, { workspace }) => workspace.archiver.state }),
)
