import { builder } from '../builder.ts'
import { type Evidence, type IdentifierCount, identifierCounts, type Refusal, refusals } from '../read-identity.ts'

const CountType = builder.objectRef<IdentifierCount>('IdentifierCount').implement({
  fields: (t) => ({ type: t.exposeString('type'), identifiers: t.exposeFloat('identifiers') }),
})

const RefusalType = builder.objectRef<Refusal>('Refusal').implement({
  description: 'Ties that were found and not followed.',
  fields: (t) => ({ reason: t.exposeString('reason'), edges: t.exposeFloat('edges') }),
})

export const EvidenceType = builder.objectRef<Evidence>('Evidence').implement({
  description: 'A row or event that ties two identifiers together.',
  fields: (t) => ({
    from: t.exposeString('from'),
    to: t.exposeString('to'),
    source: t.exposeString('source'),
    evidence: t.exposeString('evidence', { nullable: true, description: 'Message id of the event.' }),
    firstSeen: t.expose('firstSeen', { type: 'DateTime', nullable: true }),
  }),
})

builder.queryField('identifierCounts', (t) =>
  t.field({
    type: [CountType],
    description: 'Identifiers by type, as the latest run stitched them.',
    resolve: (_root, _args, { workspace }) => identifierCounts(workspace),
  }),
)

builder.queryField('refusals', (t) =>
  t.field({ type: [RefusalType], resolve: (_root, _args, { workspace }) => refusals(workspace) }),
)
