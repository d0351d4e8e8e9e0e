import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { decide, explain, previewDecision, readStatistics } from '../../src/api/read-identity.ts'
import { TempProject } from '../temp-project.ts'

const MUSTER = `version: 1
sources: { web: { write_key: k } }
source_tables:
  crm.contacts: { file: contacts.csv, identifiers: { email: email, phone: phone } }
`
const PHONE = '+49 30 901820'
let project: TempProject

const identify = (day: number, ids: object, traits: object = {}) => ({
  type: 'identify',
  messageId: `m${day}`,
  timestamp: `2026-01-0${day}T00:00:00.000Z`,
  traits,
  ...ids,
})

beforeEach(async () => {
  project = await TempProject.make({
    'muster.yaml': MUSTER,
    'data/contacts.csv': `email,phone\nann@x.io,${PHONE}\n`,
    'audiences/everybody.sql': 'select profile_id from identity.profiles',
  })
  await project.land([
    identify(1, { anonymousId: 'laptop', userId: 'ann' }, { email: 'Ann@X.io' }),
    identify(2, { anonymousId: 'phone', userId: 'ann' }),
    identify(3, { anonymousId: 'kiosk', userId: 'ann' }),
    identify(4, { anonymousId: 'kiosk', userId: 'bob' }, { email: 'bob@x.io' }),
    identify(5, { anonymousId: 'tablet', userId: 'bob' }, { email: 'ann@x.io' }),
    identify(6, { anonymousId: 'stranger' }),
  ])
  await project.run()
})

afterEach(() => project[Symbol.asyncDispose]())

const told = async (from: string, to: string) => {
  const { verdict, path } = await explain(await project.workspace(), from, to)
  return [verdict, ...path.map((step) => [step.from.value, step.to.value, step.source, step.evidence, step.obstacle])]
}

test('across devices and systems: the shortest dated way, with what proves each step', async () => {
  expect(await told('laptop', 'anonymous_id:phone')).toEqual([
    'joined',
    ['laptop', 'ann', 'web.identifies', 'm1', null],
    ['ann', 'phone', 'web.identifies', 'm2', null],
  ])
  expect(await told('user_id:ann', '+4930901820')).toEqual([
    'joined',
    ['ann', 'ann@x.io', 'web.identifies', 'm1', null],
    ['ann@x.io', '+4930901820', 'crm.contacts', `ann@x.io, ${PHONE}`, null],
  ])
})

test('what a limit refuses, what a shared value does not tie, and what nothing ties', async () => {
  expect(await told('ann', 'bob')).toEqual([
    'apart',
    ['ann', 'ann@x.io', 'web.identifies', 'm1', null],
    ['ann@x.io', 'bob', 'web.identifies', 'm5', 'a profile has at most 1 user_id'],
  ])
  expect(await told('kiosk', 'bob')).toEqual([
    'apart',
    ['kiosk', 'bob', 'web.identifies', 'm4', 'this anonymous_id is tied to 2 user_ids: it names nobody'],
  ])
  expect(await told('stranger', 'bob')).toEqual(['unconnected'])
  await expect(told('nobody', 'bob')).rejects.toMatchObject({ code: 'not_found' })
})

test('an unmerge shows its parts and audiences, changes nothing, and is followed once it is decided', async () => {
  const workspace = await project.workspace()
  const decision = { action: 'separate', identifiers: ['ann', 'anonymous_id:phone'] } as const
  const { before, after, audiences } = await previewDecision(workspace, decision)
  const [ann] = before
  expect(before).toHaveLength(3)
  expect(after.map(({ profileId, identifiers }) => [profileId, identifiers.map(({ value }) => value)])).toContainEqual([
    null,
    ['phone'],
  ])
  expect(after).toContainEqual({
    profileId: ann?.profileId,
    identifiers: ann?.identifiers.filter(({ value }) => value !== 'phone'),
  })
  expect(audiences).toEqual([{ audience: 'everybody', profiles: 1, destinations: [] }])
  await project.run()
  expect(await told('ann', 'anonymous_id:phone')).toEqual(['joined', expect.anything()])

  await decide(workspace, { ...decision, note: 'lent it, "once"' })
  expect(await readFile(join(project.dir, 'data/identity_decisions.csv'), 'utf8')).toBe(
    'action,type,value,other_type,other_value,note\nseparate,user_id,ann,anonymous_id,phone,"lent it, ""once"""\n',
  )
  await project.run()
  expect((await told('ann', 'anonymous_id:phone'))[0]).toBe('apart')
  expect((await readStatistics(workspace)).refused).toContainEqual({ reason: 'a decision keeps them apart', edges: 1 })
})

test('a decision that names no type or no value is told with its line', async () => {
  await project.write(
    'data/identity_decisions.csv',
    'action,type,value,other_type,other_value,note\nignore,email,,,,\n',
  )
  await expect(project.run()).rejects.toMatchObject({
    code: 'identity_decisions_invalid',
    message: 'data/identity_decisions.csv:2: the value of email is missing.',
  })
})
