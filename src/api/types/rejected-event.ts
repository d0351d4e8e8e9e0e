import { builder } from '../builder.ts'

interface RejectedEvent {
  readonly source: string
  readonly position: number
  readonly received_at: Date
  readonly reason: string
  readonly body: string
}

const RejectedEventType = builder.objectRef<RejectedEvent>('RejectedEvent').implement({
  description: 'An event that was refused, kept with the reason.',
  fields: (t) => ({
    source: t.exposeString('source', { description: 'Empty where the write key named none.' }),
    position: t.exposeFloat('position', { description: 'Sequence number in the log, or line of an import.' }),
    receivedAt: t.expose('received_at', { type: 'DateTime' }),
    reason: t.exposeString('reason'),
    body: t.exposeString('body', { description: 'What was sent; what is no text begins with `base64:`.' }),
  }),
})

builder.queryField('rejectedEvents', (t) =>
  t.field({
    type: [RejectedEventType],
    description: 'The newest first; at most 1,000.',
    args: { first: t.arg.int({ defaultValue: 50 }) },
    resolve: (_root, { first }, { workspace: { state } }) =>
      state.warehouse.session((session) =>
        session.query<RejectedEvent>(
          state
            .table('rejected_events')
            .orderBy('received_at', 'desc')
            .limit(Math.min(first ?? 50, 1000)),
        ),
      ),
  }),
)
