import { MusterError } from '../../core/errors.ts'
import { builder } from '../builder.ts'
import type { ShownEvent } from '../live/live-feed.ts'

const FateType = builder.enumType('Fate', {
  description: 'What became of an event that was sent.',
  values: {
    ACCEPTED: { description: 'It is in the log and lands in the warehouse.' },
    REJECTED: { description: 'It is kept with the reason, and does not become a row of an event table.' },
  } as const,
})

const LiveEventType = builder.objectRef<ShownEvent>('LiveEvent').implement({
  description: 'An event as it came in, and its fate.',
  fields: (t) => ({
    position: t.exposeFloat('position', { description: 'Sequence number in the log; without gaps over all sources.' }),
    receivedAt: t.expose('receivedAt', { type: 'DateTime', description: 'When the request came in.' }),
    source: t.exposeString('source', { nullable: true, description: 'Null where the write key named none.' }),
    fate: t.expose('fate', { type: FateType, description: 'Whether it was accepted.' }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why it was rejected.' }),
    type: t.exposeString('type', {
      nullable: true,
      description: 'Such as `track`. This and what follows are null where a rejected event does not say.',
    }),
    event: t.exposeString('event', { nullable: true, description: 'Name of a track event, or of a page or screen.' }),
    userId: t.exposeString('userId', { nullable: true, description: 'As sent.' }),
    anonymousId: t.exposeString('anonymousId', { nullable: true, description: 'As sent.' }),
    messageId: t.exposeString('messageId', { nullable: true, description: 'As sent, else as given by the collector.' }),
    requestIp: t.exposeString('requestIp', { description: 'Address that the request came from.' }),
    payload: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The accepted event; null for a rejected one.',
      resolve: ({ payload }) => payload,
    }),
    body: t.exposeString('body', {
      nullable: true,
      description: 'What was sent, cut at 64 KB, of a rejected event; null for an accepted one.',
    }),
    skipped: t.exposeFloat('skipped', {
      description:
        'Events left out since the last one shown. When more records came than can be looked at, those passed over count whole, whatever the filter.',
    }),
  }),
})

builder.subscriptionField('liveEvents', (t) =>
  t.field({
    type: LiveEventType,
    description:
      'Events as they come in, accepted or rejected. When more come than `perSecond`, a sample spread over the time; `skipped` counts the rest.',
    args: {
      source: t.arg.string({ description: 'Only events of this source.' }),
      type: t.arg.string({ description: 'Only events of this type, such as `track`.' }),
      event: t.arg.string({ description: 'Only events of this name.' }),
      fate: t.arg({ type: FateType, description: 'Only accepted or only rejected events.' }),
      perSecond: t.arg.int({ defaultValue: 50, description: 'Events a second at most; 1 to 1,000.' }),
      last: t.arg.int({
        defaultValue: 0,
        description: 'Begin with the latest so many of the last 10,000 records; at most 1,000.',
      }),
      after: t.arg.float({
        description:
          'Go on after this position, to miss nothing after a lost connection; instead of `last`. At most 1,000 of the last 10,000 records are shown at once, the rest counted in `skipped`.',
      }),
      follow: t.arg.boolean({ defaultValue: true, description: 'False ends it before the first new event.' }),
    },
    subscribe: (_root, { source, type, event, fate, perSecond, last, after, follow }, { live, workspace, request }) => {
      const { sources } = workspace.definitions.project
      if (source != null && !Object.hasOwn(sources, source)) {
        throw new MusterError('unknown_source', `There is no source "${source}".`, {
          hint: `There are: ${Object.keys(sources).join(', ')}.`,
        })
      }
      return live.watch({
        filter: {
          source: source ?? undefined,
          type: type ?? undefined,
          event: event ?? undefined,
          fate: fate ?? undefined,
        },
        perSecond: perSecond ?? 50,
        last: last ?? 0,
        after: after ?? undefined,
        follow: follow ?? true,
        signal: request.signal,
      })
    },
    resolve: (item) => {
      if (item instanceof Error) throw item
      return item
    },
  }),
)
