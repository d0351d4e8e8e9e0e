import { afterEach, beforeEach, expect, test } from 'vitest'
import { TempProject } from './temp-project.ts'

const MUSTER = `version: 1
sources: { web: { write_key: k } }
source_tables:
  crm.contacts: { file: contacts.csv, identifiers: { email: email } }
`
const AT = '2026-01-01T00:00:00.000Z'
let project: TempProject

beforeEach(async () => {
  project = await TempProject.make({
    'muster.yaml': MUSTER,
    'data/contacts.csv': 'id,email\n1, Ann@X.io \n2,only@crm.io\n3,N/A\n',
  })
})

afterEach(() => project[Symbol.asyncDispose]())

const track = (ids: object) => ({ type: 'track', event: 'Clicked', timestamp: AT, ...ids })
const identify = (ids: object, traits: object = {}) => ({ type: 'identify', timestamp: AT, traits, ...ids })
const profileOf = async (identifier: string) => {
  const [row] = await project.rows<{ profile_id: number }>(
    `select m.profile_id from identity.members m join identity.identifiers i on i.id = m.identifier where i.value = '${identifier}'`,
  )
  return row?.profile_id
}

test('anonymous visits, sign-in and a dirty address in the CRM are one person', async () => {
  await project.land([
    track({ anonymousId: 'a1' }),
    identify({ anonymousId: 'a1', userId: 'u1' }, { email: 'ANN@x.io' }),
  ])
  await project.run()
  const person = await profileOf('u1')
  expect(person).toBeDefined()
  expect(await profileOf('a1')).toBe(person)
  expect(await profileOf('ann@x.io')).toBe(person)
  const clicks = await project.rows<{ profile_id: number }>('select profile_id from stitched.clicked')
  expect(clicks).toEqual([{ profile_id: person }])
  const contacts = await project.rows('select id, profile_id from stitched.crm_contacts order by id')
  expect(contacts[0]).toEqual({ id: 1, profile_id: person })
})

test('somebody only in the CRM has a profile; N/A is nobody', async () => {
  await project.run()
  expect(await profileOf('only@crm.io')).toBeDefined()
  expect(await project.rows('select profile_id from stitched.crm_contacts where id = 3')).toEqual([
    { profile_id: null },
  ])
})

test('a shared device keeps its users apart and owns its anonymous events itself', async () => {
  await project.land([
    track({ anonymousId: 'kiosk' }),
    identify({ anonymousId: 'kiosk', userId: 'u1' }),
    identify({ anonymousId: 'kiosk', userId: 'u2' }),
  ])
  await project.run()
  const [one, two, kiosk] = [await profileOf('u1'), await profileOf('u2'), await profileOf('kiosk')]
  expect(new Set([one, two, kiosk]).size).toBe(3)
  expect(await project.rows('select identifier from identity.shared')).toHaveLength(1)
})

test('two users with one address are refused a union, and that is written down', async () => {
  await project.land([
    identify({ userId: 'u1' }, { email: 'same@x.io' }),
    identify({ userId: 'u2' }, { email: 'same@x.io' }),
  ])
  await project.run()
  expect(await profileOf('u1')).not.toBe(await profileOf('u2'))
  expect(await project.rows('select reason from identity.refusals')).toEqual([
    { reason: 'a profile has at most 1 user_id' },
  ])
})

test('ids outlive restarts and merges keep the earliest; the merge is recorded', async () => {
  await project.land([track({ anonymousId: 'a1' }), identify({ userId: 'u1' })])
  await project.run()
  const [anonymous, user] = [await profileOf('a1'), await profileOf('u1')]
  expect(anonymous).not.toBe(user)
  await project.close()
  await project.land([identify({ anonymousId: 'a1', userId: 'u1' })])
  await project.run()
  const merged = Math.min(anonymous ?? 0, user ?? 0)
  expect([await profileOf('a1'), await profileOf('u1')]).toEqual([merged, merged])
  expect(await project.rows('select kind from identity.changes')).toEqual([{ kind: 'merge' }])
})

test('no row is lost or doubled by stitching', async () => {
  const events = Array.from({ length: 300 }, (_, index) =>
    index % 3 === 0
      ? identify({ anonymousId: `a${index % 17}`, userId: `u${index % 11}` }, { email: `e${index % 7}@x.io` })
      : track({ anonymousId: `a${index % 23}`, ...(index % 2 === 0 && { userId: `u${index % 11}` }) }),
  )
  await project.land(events)
  await project.run()
  const [counts] = await project.rows(
    `select (select count(*) from web.tracks) = (select count(*) from stitched.tracks) as tracks,
       (select count(*) from web.identifies) = (select count(*) from stitched.identifies) as identifies,
       (select count(*) from stitched.tracks where profile_id is null) as orphans,
       (select count(*) from identity.members) = (select count(distinct identifier) from identity.members) as once`,
  )
  expect(counts).toEqual({ tracks: true, identifies: true, orphans: 0, once: true })
})
