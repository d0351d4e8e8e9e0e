/**
 * What stitching must do on every engine: groups are those of the rules read word by word, however the rows came.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { patient, runs } from '../../src/core/test/patience.ts'
import { IdentitySite, type Named, partition } from './identity-site.ts'
import { groupsOf, type OracleRules } from './oracle.ts'

const RULES: OracleRules = {
  limits: { user_id: 1, email: 2, phone: 2, anonymous_id: 3 },
  sharedAbove: { user_id: 2, email: 2, phone: 2, anonymous_id: 1 },
}

const settingsOf = ({ limits, sharedAbove }: OracleRules) => ({
  types: Object.fromEntries(
    Object.entries(limits).map(([type, limit]) => [
      type,
      { limit, shared_above: sharedAbove[type], ...(type === 'phone' && { normalize: 'trim' }) },
    ]),
  ),
})

const value = (prefix: string, count: number) =>
  fc.option(
    fc.integer({ min: 1, max: count }).map((n) => `${prefix}${n}`),
    { nil: undefined, freq: 2 },
  )

const named: fc.Arbitrary<Named> = fc
  .record({
    user_id: value('u', 6),
    email: value('e', 8).map((name) => (name === undefined ? undefined : `${name}@x.io`)),
    phone: value('p', 5),
    anonymous_id: value('a', 10),
    day: fc.integer({ min: 0, max: 20 }),
  })
  .map(({ day, ...ids }) => ({
    ...(Object.fromEntries(Object.entries(ids).filter(([, id]) => id !== undefined)) as Named),
    day,
  }))

const rows = fc.array(named, { maxLength: 12 })
const history = fc.array(fc.record({ events: rows, contacts: fc.option(rows, { nil: undefined, freq: 1 }) }), {
  minLength: 1,
  maxLength: 4,
})

/** So many that whatever else happens is a small part, which is all that is grouped anew. */
const BYSTANDERS: readonly Named[] = Array.from({ length: 200 }, (_, n) => ({ anonymous_id: `z${n}` }))

export function stitchingContract(warehouse: () => Promise<object>): void {
  let site: IdentitySite
  beforeAll(async () => {
    site = await IdentitySite.open(await warehouse(), settingsOf(RULES))
  }, 60_000)
  afterAll(() => site[Symbol.asyncDispose]())

  test('after every batch the groups are those of the rules, limits hold, and a rebuild gives the same ids', {
    timeout: patient(120_000),
  }, async () => {
    await fc.assert(
      fc.asyncProperty(history, async (batches) => {
        await site.clear(settingsOf(RULES))
        const events: Named[] = [...BYSTANDERS]
        let contacts: readonly Named[] = []
        await site.land(BYSTANDERS)
        await site.run()
        for (const batch of batches) {
          events.push(...batch.events)
          contacts = batch.contacts ?? contacts
          await site.land(batch.events)
          if (batch.contacts) await site.replaceContacts(batch.contacts)
          await site.run()
          expect(partition(await site.members())).toEqual(groupsOf(events, contacts, RULES))
        }
        const before = await site.members()
        await site.warehouse.session((session) => session.run('delete from identity.members'))
        await site.run()
        expect(await site.members()).toEqual(before)
        const held = await site.rows<{ type: string; most: number }>(
          `select type, max(n) as most from (select m.profile_id, i.type, count(*) as n from identity.members m
             join identity.identifiers i on i.id = m.identifier group by 1, 2) x group by 1`,
        )
        for (const { type, most } of held) expect(most).toBeLessThanOrEqual(RULES.limits[type] ?? 0)
      }),
      { numRuns: runs(8) },
    )
  })

  test('what a batch ties and a later one takes back leaves the groups and ids of before', {
    timeout: patient(120_000),
  }, async () => {
    await fc.assert(
      fc.asyncProperty(rows, rows, async (events, contacts) => {
        await site.clear(settingsOf(RULES))
        await site.land([...BYSTANDERS, ...events])
        await site.run()
        const before = await site.members()
        await site.replaceContacts(contacts)
        await site.run()
        await site.replaceContacts([])
        await site.run()
        expect(await site.members()).toEqual(before)
      }),
      { numRuns: runs(8) },
    )
  })

  test('a value that is shared no more ties again those that nothing else touched', async () => {
    await site.clear(settingsOf(RULES))
    const [first, ...others] = ['u1', 'u2', 'u3'].map((user_id) => ({ user_id, phone: 'p1' }))
    await site.land([...BYSTANDERS])
    await site.replaceContacts([first ?? {}, ...others])
    await site.run()
    expect(partition(await site.members())).toContainEqual(['phone p1'])
    await site.replaceContacts([first ?? {}])
    await site.run()
    expect(partition(await site.members())).toContainEqual(['phone p1', 'user_id u1'])
  })

  test('after a split each part keeps its id, whichever is touched', async () => {
    await site.clear(settingsOf(RULES))
    await site.land([...BYSTANDERS, { user_id: 'u1' }, { email: 'e1@x.io' }])
    await site.replaceContacts([{ user_id: 'u1', email: 'e1@x.io' }])
    await site.run()
    const joined = (await site.members()).get('user_id u1')
    await site.replaceContacts([])
    await site.run()
    const split = await site.members()
    expect(split.get('user_id u1')).toBe(joined)
    await site.land([{ email: 'e1@x.io', anonymous_id: 'a1' }])
    await site.run()
    const touched = await site.members()
    expect([touched.get('user_id u1'), touched.get('email e1@x.io')]).toEqual([joined, split.get('email e1@x.io')])
    expect(touched.get('anonymous_id a1')).toBe(split.get('email e1@x.io'))
  })

  test('an event of a later instant is not seen before it', async () => {
    await site.clear(settingsOf(RULES))
    await site.land([
      { user_id: 'u1', day: 1 },
      { email: 'e@x.io', day: 1 },
      { user_id: 'u1', email: 'e@x.io', day: 10 },
    ])
    await site.run(5)
    expect(partition(await site.members())).toHaveLength(2)
    await site.run(9)
    expect(partition(await site.members())).toHaveLength(2)
    await site.run(11)
    expect(partition(await site.members())).toHaveLength(1)
  })

  test('other limits group all anew; other blocked values collect all anew', async () => {
    await site.clear({})
    await site.land([
      { user_id: 'u1', email: 'same@x.io' },
      { user_id: 'u2', email: 'same@x.io' },
    ])
    await site.run()
    expect(partition(await site.members())).toHaveLength(2)
    await site.use({ limits: 'off' })
    await site.run()
    expect(partition(await site.members())).toHaveLength(1)
    await site.use({ blocked: ['/^same@/'] })
    await site.run()
    expect(partition(await site.members())).toEqual([['user_id u1'], ['user_id u2']])
  })

  test('decisions join, separate and ignore, whatever the evidence, and can be taken back', async () => {
    await site.clear({})
    await site.land([
      { user_id: 'u1', email: 'a@x.io' },
      { email: 'a@x.io', anonymous_id: 'd1' },
      { email: 'b@x.io', anonymous_id: 'd2' },
    ])
    await site.run()
    const before = await site.members()
    await site.decide(['join,email,A@x.io,email,b@x.io,same person', 'separate,user_id,u1,anonymous_id,d1,'])
    await site.run()
    expect(partition(await site.members())).toEqual([
      ['anonymous_id d1'],
      ['anonymous_id d2', 'email a@x.io', 'email b@x.io', 'user_id u1'],
    ])
    await site.decide(['ignore,email,a@x.io,,,'])
    await site.run()
    expect(partition(await site.members())).toEqual([
      ['anonymous_id d1'],
      ['anonymous_id d2', 'email b@x.io'],
      ['email a@x.io'],
      ['user_id u1'],
    ])
    await site.decide([])
    await site.run()
    expect(await site.members()).toEqual(before)
  })

  test('odd values name nobody or one, and stop nothing', async () => {
    await site.clear({ types: { phone: { country: 'DE' } } })
    await site.land([
      { user_id: 'u1', phone: '030 901820' },
      { user_id: 'u2', phone: '+49 (30) 90 18 20' },
      { user_id: 'u3', email: `${'x'.repeat(10_240)}@x.io` },
      { user_id: 'u4', phone: 'call me', email: 'not an address' },
      { user_id: 'N/A', anonymous_id: '00000000-0000-0000-0000-000000000000' },
      { user_id: 'u5', email: 'Ann@X.io' },
      { email: 'аnn@x.io', anonymous_id: 'cyrillic' },
      { user_id: '', anonymous_id: '   ', email: 'test@whatever.example' },
    ])
    await site.run()
    expect(partition(await site.members())).toEqual([
      ['anonymous_id cyrillic', 'email аnn@x.io'],
      ['email ann@x.io', 'user_id u5'],
      ['phone +4930901820', 'user_id u1'],
      ['user_id u2'],
      ['user_id u3'],
      ['user_id u4'],
    ])
  })

  test('a value that very many share swallows nobody, and is told', async () => {
    await site.clear({})
    const people = Array.from({ length: 3000 }, (_, n) => ({ user_id: `u${n}`, email: 'info@x.io' }))
    await site.land(people)
    await site.run()
    expect((await site.members()).size).toBe(3001)
    expect(partition(await site.members())).toHaveLength(3001)
    expect(
      await site.rows(
        `select i.value, s.tied, s.ties from identity.shared s join identity.identifiers i on i.id = s.identifier`,
      ),
    ).toEqual([{ value: 'info@x.io', tied: 'user_id', ties: 3000 }])
  })
}
