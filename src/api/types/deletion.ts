import { maskKey } from '../../activation/index.ts'
import type { Identifier } from '../../event/index.ts'
import type { Deletion, DeletionPreview, Mention, TableCount } from '../../privacy/index.ts'
import { builder } from '../builder.ts'

const IdentifierInput = builder.inputType('IdentifierInput', {
  fields: (t) => ({
    type: t.string({ required: true, description: '`user_id`, `anonymous_id`, `email` or a type of `identity:`.' }),
    value: t.string({ required: true }),
  }),
})

const MaskedIdentifier = builder.objectRef<Identifier>('MaskedIdentifier').implement({
  fields: (t) => ({
    type: t.exposeString('type'),
    value: t.string({ description: 'Its beginning.', resolve: ({ value }) => maskKey(value) }),
  }),
})

export const TableCountType = builder.objectRef<TableCount>('TableCount').implement({
  fields: (t) => ({ table: t.exposeString('table'), rows: t.exposeFloat('rows') }),
})

const MentionType = builder.objectRef<Mention>('Mention').implement({
  description: 'Rows in which an address of the person still stands.',
  fields: (t) => ({ table: t.exposeString('table'), rows: t.exposeFloat('rows'), why: t.exposeString('why') }),
})

const PreviewType = builder.objectRef<DeletionPreview>('DeletionPreview').implement({
  description: 'What a deletion would remove.',
  fields: (t) => ({
    identifiers: t.field({ type: [MaskedIdentifier], resolve: ({ identifiers }) => [...identifiers] }),
    rows: t.field({ type: [TableCountType], resolve: ({ rows }) => [...rows] }),
  }),
})

const DeletionType = builder.objectRef<Deletion>('Deletion').implement({
  description: 'The deletion of a person, and its receipt. It names nobody.',
  fields: (t) => ({
    id: t.exposeString('id'),
    state: t.exposeString('state', { description: '`running`, `failed` (it is tried again) or `done`.' }),
    reason: t.exposeString('reason'),
    suppress: t.exposeBoolean('suppress', { description: 'Later events are not stored either.' }),
    requestedAt: t.expose('requestedAt', { type: 'DateTime' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true }),
    error: t.exposeString('error', { nullable: true }),
    hashes: t.stringList({
      description: 'Salted hashes of the identifiers: the tombstones that keep earlier events from landing.',
      resolve: ({ hashes }) => [...hashes],
    }),
    identifiers: t.field({
      type: 'JSON',
      description: 'Type → number.',
      resolve: ({ receipt }) => receipt.identifiers,
    }),
    rows: t.field({ type: [TableCountType], description: 'Deleted.', resolve: ({ receipt }) => [...receipt.rows] }),
    archivedRecords: t.float({
      nullable: true,
      description: 'Records of the log erased in the archive.',
      resolve: ({ receipt }) => receipt.archive?.records ?? null,
    }),
    archivedImports: t.float({
      nullable: true,
      description: 'Events of imports erased in the archive.',
      resolve: ({ receipt }) => receipt.archive?.imported ?? null,
    }),
    archiveMentions: t.float({
      nullable: true,
      description: 'Archived records of others in which an address of the person stands.',
      resolve: ({ receipt }) => receipt.archiveMentions ?? null,
    }),
    mentions: t.field({
      type: [MentionType],
      description: 'Rows that were left, and why.',
      resolve: ({ receipt }) => [...(receipt.mentions ?? [])],
    }),
    files: t.stringList({
      description: 'Files in whose bytes an address still stands.',
      resolve: ({ receipt }) => [...(receipt.files ?? [])],
    }),
    notes: t.stringList({ resolve: ({ receipt }) => [...receipt.notes] }),
  }),
})

const GIVEN = 'Of the person; whatever else is theirs is found through identity.'

builder.queryField('deletionPreview', (t) =>
  t.field({
    type: PreviewType,
    description: 'Whom a deletion would delete, and how many rows. Nothing is deleted.',
    args: { identifiers: t.arg({ type: [IdentifierInput], required: true, description: GIVEN }) },
    resolve: (_root, { identifiers }, { jobs }) => jobs.previewDeletion(identifiers),
  }),
)

builder.queryField('deletions', (t) =>
  t.field({
    type: [DeletionType],
    description: 'The newest first.',
    resolve: async (_root, _args, { workspace }) => [...(await workspace.deletions.list())],
  }),
)

builder.queryField('deletion', (t) =>
  t.field({
    type: DeletionType,
    nullable: true,
    args: { id: t.arg.string({ required: true }) },
    resolve: async (_root, { id }, { workspace }) => (await workspace.deletions.read(id)) ?? null,
  }),
)

builder.mutationField('startDeletion', (t) =>
  t.field({
    type: DeletionType,
    description: 'Begins to delete a person from everything Muster keeps. Ask `deletion` how it goes.',
    args: {
      identifiers: t.arg({ type: [IdentifierInput], required: true, description: GIVEN }),
      reason: t.arg.string({ defaultValue: '', description: 'Such as `request 17`; name nobody in it.' }),
      suppress: t.arg.boolean({ defaultValue: false, description: 'Whether later events are not stored either.' }),
    },
    resolve: (_root, { identifiers, reason, suppress }, { jobs }) =>
      jobs.startDeletion({ identifiers, reason: reason ?? '', suppress: suppress ?? false }),
  }),
)
