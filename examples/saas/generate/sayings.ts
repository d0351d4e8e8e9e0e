import type { Saying, Values } from './message.ts'
import { consentAt, type User } from './people.ts'
import { appSaying, siteSaying } from './product.ts'
import { chance, pick, type Random } from './random.ts'
import { saidAt } from './said.ts'
import type { Session, SessionKind } from './sessions.ts'
import { planAt, TRIAL_DAYS, type Workspace } from './workspaces.ts'

const iso = (at: number): string => new Date(at).toISOString()

/** What is said in a session, in order; as many as its length. */
export function* sayings(random: Random, session: Session): Iterable<Saying> {
  const { user, kind, length } = session
  if (user === undefined || kind === 'visit') {
    for (let place = 0; place < length; place++) yield siteSaying(random)
    return
  }
  const opening = OPENINGS[kind](random, user, session)
  yield* opening
  for (let place = opening.length; place < length; place++) yield appSaying(random, user.workspace)
}

type Opening = (random: Random, user: User, session: Session) => readonly Saying[]

/** How sessions begin; none is longer than the shortest session of its kind. */
const OPENINGS: Readonly<Record<Exclude<SessionKind, 'visit'>, Opening>> = {
  use: () => [],
  login: (_, user, { start }) => whoIs(user, start),
  sign_up: signUp,
  upgrade: upgrade,
  cancel: cancel,
}

function whoIs(user: User, at: number): readonly Saying[] {
  const { workspace } = user
  return [
    { type: 'identify', traits: traitsOf(user, at) },
    { type: 'group', groupId: workspace.id, traits: accountTraits(workspace, at) },
  ]
}

function traitsOf(user: User, at: number): Values {
  const consent = consentAt(user, at)
  const phone = saidAt(user.phones, at)
  return {
    email: saidAt(user.emails, at)?.value ?? null,
    ...(phone && { phone: phone.value }),
    first_name: user.firstName,
    last_name: user.lastName,
    title: user.title,
    plan: planAt(user.workspace, at),
    role: user.owner ? 'owner' : 'member',
    created_at: iso(user.joinedAt),
    ...(consent && { consent_advertising: consent.advertising, consent_email: consent.email }),
  }
}

function accountTraits(workspace: Workspace, at: number): Values {
  const { name, industry, employees, createdAt } = workspace
  return { name, industry, employees, plan: planAt(workspace, at), created_at: iso(createdAt) }
}

function signUp(random: Random, user: User, { start, device }: Session): readonly Saying[] {
  const { workspace, owner } = user
  const plan = planAt(workspace, start)
  const mobile = device.kind !== 'web'
  return [
    { type: 'view', name: 'Sign Up', path: '/signup', anonymous: true },
    {
      type: 'track',
      event: 'Signed Up',
      properties: { method: pick(random, ['password', 'google', 'sso']), plan, invited: !owner },
    },
    ...whoIs(user, start),
    ...(mobile ? [{ type: 'alias', previousId: device.anonymousId } as const] : []),
    ...(owner ? welcome(random, workspace, plan) : []),
  ]
}

function welcome(random: Random, workspace: Workspace, plan: string): readonly Saying[] {
  const trial: Saying = {
    type: 'track',
    event: 'Trial Started',
    properties: { plan, trial_days: TRIAL_DAYS, trial_ends_at: iso(workspace.trialEnd) },
    server: true,
  }
  return [
    ...(plan === 'free' ? [] : [trial]),
    {
      type: 'track',
      event: 'Project Created',
      properties: {
        project_id: `prj_${workspace.index + 1}_1`,
        template: 'onboarding',
        is_private: chance(random, 0.2),
      },
    },
  ]
}

function upgrade(_: Random, user: User, { start }: Session): readonly Saying[] {
  const { workspace } = user
  return [
    { type: 'view', name: 'Billing', path: '/app/settings/billing' },
    {
      type: 'track',
      event: 'Plan Upgraded',
      properties: { from_plan: workspace.upgrade?.from ?? null, to_plan: workspace.plan, seats: workspace.seats },
      server: true,
    },
    ...whoIs(user, start),
  ]
}

function cancel(random: Random): readonly Saying[] {
  return [
    { type: 'view', name: 'Billing', path: '/app/settings/billing' },
    {
      type: 'track',
      event: 'Subscription Cancelled',
      properties: {
        reason: pick(random, ['too expensive', 'missing features', 'switched service', 'unused']),
        feedback: chance(random, 0.6) ? null : 'We’ll miss the 🚢 – but budget’s tight.',
      },
    },
  ]
}
