import type { Action, Explanation, IdentityStatistics, ProfilePart, Step } from '../../identity/index.ts'
import { builder } from '../builder.ts'
import {
  type AffectedAudience,
  type DecisionEffect,
  decide,
  type Evidence,
  explain,
  previewDecision,
  readStatistics,
} from '../read-identity.ts'
import type { Identifier } from '../read-profiles.ts'

const TEXT = 'An identifier: its value, or `type:value`.'

export const IdentifierType = builder.objectRef<Identifier>('Identifier').implement({
  fields: (t) => ({ type: t.exposeString('type'), value: t.exposeString('value') }),
})

const CountType = builder.objectRef<IdentityStatistics['types'][number]>('IdentifierCount').implement({
  fields: (t) => ({ type: t.exposeString('type'), identifiers: t.exposeFloat('identifiers') }),
})

const SizeType = builder.objectRef<IdentityStatistics['sizes'][number]>('ProfileSize').implement({
  description: 'Profiles with so many identifiers.',
  fields: (t) => ({ size: t.exposeString('size'), profiles: t.exposeFloat('profiles') }),
})

const BigProfileType = builder.objectRef<IdentityStatistics['biggest'][number]>('BigProfile').implement({
  fields: (t) => ({
    profileId: t.float({ resolve: ({ profile_id }) => profile_id }),
    identifiers: t.exposeFloat('identifiers'),
  }),
})

const SharedType = builder.objectRef<IdentityStatistics['shared'][number]>('SharedValue').implement({
  description: 'A value tied to so many that it names nobody: none of its ties is followed.',
  fields: (t) => ({
    type: t.exposeString('type'),
    value: t.exposeString('value'),
    tied: t.exposeString('tied', { description: 'The type of identifiers that it is tied to too many of.' }),
    ties: t.exposeFloat('ties'),
  }),
})

const RefusalType = builder.objectRef<IdentityStatistics['refused'][number]>('Refusal').implement({
  description: 'Ties that were found and not followed.',
  fields: (t) => ({ reason: t.exposeString('reason'), edges: t.exposeFloat('edges') }),
})

const ChangeType = builder.objectRef<IdentityStatistics['changes'][number]>('IdentityChange').implement({
  description: 'Profiles that a run merged into others, or split.',
  fields: (t) => ({
    run: t.exposeFloat('run'),
    kind: t.exposeString('kind'),
    profiles: t.exposeFloat('profiles'),
    identifiers: t.exposeFloat('identifiers'),
  }),
})

const StatisticsType = builder.objectRef<IdentityStatistics>('IdentityStatistics').implement({
  description: 'Who is who, in numbers, as the latest run stitched it.',
  fields: (t) => ({
    types: t.field({ type: [CountType], resolve: ({ types }) => [...types] }),
    sizes: t.field({ type: [SizeType], resolve: ({ sizes }) => [...sizes] }),
    biggest: t.field({ type: [BigProfileType], resolve: ({ biggest }) => [...biggest] }),
    shared: t.field({
      type: [SharedType],
      description: 'The worst first; at most 20.',
      resolve: ({ shared }) => [...shared],
    }),
    refused: t.field({ type: [RefusalType], resolve: ({ refused }) => [...refused] }),
    changes: t.field({
      type: [ChangeType],
      description: 'Of the latest runs; at most 20.',
      resolve: ({ changes }) => [...changes],
    }),
  }),
})

export const EvidenceType = builder.objectRef<Evidence>('Evidence').implement({
  description: 'A row or event that ties two identifiers together.',
  fields: (t) => ({
    from: t.exposeString('from'),
    to: t.exposeString('to'),
    source: t.exposeString('source'),
    evidence: t.exposeString('evidence', {
      nullable: true,
      description: 'Message id of the event; what the row holds.',
    }),
    firstSeen: t.expose('firstSeen', { type: 'DateTime', nullable: true }),
  }),
})

const StepType = builder.objectRef<Step>('IdentityStep').implement({
  description: 'A row, an event or a decision that ties two identifiers.',
  fields: (t) => ({
    from: t.field({ type: IdentifierType, resolve: ({ from }) => from }),
    to: t.field({ type: IdentifierType, resolve: ({ to }) => to }),
    source: t.exposeString('source'),
    evidence: t.exposeString('evidence', {
      nullable: true,
      description: 'Message id of the event; what the row holds.',
    }),
    firstSeen: t.expose('firstSeen', { type: 'DateTime', nullable: true }),
    lastSeen: t.expose('lastSeen', { type: 'DateTime', nullable: true }),
    obstacle: t.exposeString('obstacle', { nullable: true, description: 'Why it is not followed; null where it is.' }),
  }),
})

const ExplanationType = builder.objectRef<Explanation>('IdentityExplanation').implement({
  fields: (t) => ({
    verdict: t.exposeString('verdict', {
      description: '`joined`: one profile · `apart`: tied, by what is not followed · `unconnected`: nothing ties them.',
    }),
    path: t.field({
      type: [StepType],
      description: 'The shortest way from one to the other; of two that are apart, the one with the fewest obstacles.',
      resolve: ({ path }) => [...path],
    }),
  }),
})

const PartType = builder.objectRef<ProfilePart>('ProfilePart').implement({
  fields: (t) => ({
    profileId: t.exposeFloat('profileId', { nullable: true, description: 'null where it would get a new one.' }),
    identifiers: t.field({ type: [IdentifierType], resolve: ({ identifiers }) => [...identifiers] }),
  }),
})

const AffectedType = builder.objectRef<AffectedAudience>('AffectedAudience').implement({
  description: 'An audience with members whose profile would be another.',
  fields: (t) => ({
    audience: t.exposeString('audience'),
    profiles: t.exposeFloat('profiles'),
    destinations: t.stringList({ resolve: ({ destinations }) => [...destinations] }),
  }),
})

const EffectType = builder.objectRef<DecisionEffect>('DecisionEffect').implement({
  description: 'What a decision would change, of everything that hangs together with what it names.',
  fields: (t) => ({
    before: t.field({ type: [PartType], resolve: ({ before }) => [...before] }),
    after: t.field({ type: [PartType], resolve: ({ after }) => [...after] }),
    audiences: t.field({ type: [AffectedType], resolve: ({ audiences }) => [...audiences] }),
  }),
})

const ActionType = builder.enumType('IdentityAction', {
  values: {
    join: { description: 'The two are one profile, before any evidence.' },
    separate: { description: 'The two are never one profile.' },
    ignore: { description: 'The value names nobody.' },
  } satisfies Record<Action, object>,
})

builder.queryField('identityStatistics', (t) =>
  t.field({ type: StatisticsType, resolve: (_root, _args, { workspace }) => readStatistics(workspace) }),
)

builder.queryField('explainIdentity', (t) =>
  t.field({
    type: ExplanationType,
    description: 'Why two identifiers are one profile, or are not.',
    args: {
      from: t.arg.string({ required: true, description: TEXT }),
      to: t.arg.string({ required: true, description: TEXT }),
    },
    resolve: (_root, { from, to }, { workspace }) => explain(workspace, from, to),
  }),
)

builder.queryField('previewIdentityDecision', (t) =>
  t.field({
    type: EffectType,
    description: 'What a decision would change. Nothing is changed.',
    args: {
      action: t.arg({ type: ActionType, required: true }),
      identifiers: t.arg.stringList({ required: true, description: TEXT }),
    },
    resolve: (_root, { action, identifiers }, { workspace }) => previewDecision(workspace, { action, identifiers }),
  }),
)

builder.mutationField('decideIdentity', (t) =>
  t.boolean({
    description: "Writes a decision into the project's data/identity_decisions.csv; the next run follows it.",
    args: {
      action: t.arg({ type: ActionType, required: true }),
      identifiers: t.arg.stringList({ required: true, description: TEXT }),
      note: t.arg.string({ defaultValue: '', description: 'Why.' }),
    },
    resolve: async (_root, { action, identifiers, note }, { workspace }) => {
      await decide(workspace, { action, identifiers, note: note ?? '' })
      return true
    },
  }),
)
