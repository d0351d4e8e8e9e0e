import { type Membership, membershipsOf } from '../../audience/history.ts'
import { builder } from '../builder.ts'
import { evidenceOf } from '../read-identity.ts'
import { findProfile, identifiersOf, type Profile, readProfiles } from '../read-profiles.ts'
import { EvidenceType, IdentifierType } from './identity.ts'

const MembershipType = builder.objectRef<Membership>('Membership').implement({
  description: 'One stay of a profile in an audience.',
  fields: (t) => ({
    audience: t.exposeString('audience'),
    enteredAt: t.expose('entered_at', { type: 'DateTime' }),
    leftAt: t.expose('left_at', { type: 'DateTime', nullable: true }),
  }),
})

export const ProfileType = builder.objectRef<Profile>('Profile').implement({
  description: 'One person, or account, after stitching.',
  fields: (t) => ({
    id: t.exposeInt('id', { description: 'The stable profile_id, or account_id.' }),
    traits: t.field({ type: 'JSON', resolve: ({ traits }) => traits }),
    identifiers: t.field({
      type: [IdentifierType],
      description: 'In the order in which they were first seen; at most 1,000.',
      resolve: ({ id }, _args, { workspace }) => identifiersOf(workspace, id),
    }),
    evidence: t.field({
      type: [EvidenceType],
      description: 'Why its identifiers are one person; at most 1,000, the earliest first.',
      resolve: ({ id }, _args, { workspace }) => evidenceOf(workspace, id),
    }),
    audiences: t.field({
      type: [MembershipType],
      resolve: async ({ id }, _args, { workspace }) => [...(await membershipsOf(workspace.state, id))],
    }),
  }),
})

builder.queryField('profile', (t) =>
  t.field({
    type: ProfileType,
    nullable: true,
    description: 'A profile by one of its identifiers, or by its id.',
    args: {
      identifier: t.arg.string({ description: 'A value, such as an e-mail address or a user id.' }),
      type: t.arg.string({ description: 'Of the identifier, such as `email`; every type when absent.' }),
      id: t.arg.int(),
    },
    resolve: async (_root, { identifier, type, id }, { workspace }) => {
      const tables = await workspace.warehouse.columns()
      if (!tables.has(workspace.names.profiles.replaceAll('"', ''))) return null
      const found = id ?? (identifier ? await findProfile(workspace, identifier, type ?? undefined) : undefined)
      return found === undefined ? null : ((await readProfiles(workspace, [found]))[0] ?? null)
    },
  }),
)
