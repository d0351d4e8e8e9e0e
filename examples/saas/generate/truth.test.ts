import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { billingTables } from './billing.ts'
import { crmTables } from './crm.ts'
import type { Dirt } from './dirt.ts'
import { type Claim, events, generateCompany, truthOf, writeTruth } from './index.ts'

const END = new Date('2026-06-15T12:00:00Z')
const LEAST = 0.03

const company = generateCompany({ seed: 1, end: END })
const truth = truthOf(company)

const key = ({ type, value }: Pick<Claim, 'type' | 'value'>) => `${type} ${value}`
const personsWith = (...dirt: readonly Dirt[]) =>
  new Set(truth.filter((claim) => dirt.some((kind) => kind === claim.dirt)).map(({ person }) => person))

/** The persons of each identifier of a type that is honestly several people's. */
function shared(type: Claim['type']): readonly ReadonlySet<string>[] {
  const own = truth.filter((claim) => claim.type === type && claim.dirt !== 'borrowed')
  const owners = [...Map.groupBy(own, ({ value }) => value).values()]
  return owners.map((claims) => new Set(claims.map(({ person }) => person))).filter(({ size }) => size > 1)
}

const sharers = (type: Claim['type']) => shared(type).reduce((all, owners) => all.union(owners), new Set<string>())

describe('truth', () => {
  it('tells of every identifier that is sent, and of no other', () => {
    const sent = new Set<string>()
    const note = (type: Claim['type'], value: unknown) => {
      if (typeof value === 'string') sent.add(key({ type, value }))
    }
    for (const message of events(company)) {
      note('user_id', message.userId)
      if (message.type !== 'alias') note('anonymous_id', message.anonymousId)
      if (message.type !== 'identify') continue
      note('email', message.traits.email)
      note('phone', message.traits.phone)
    }
    for (const { name, rows } of [...billingTables(company), ...crmTables(company)]) {
      if (name !== 'customers' && name !== 'contacts') continue
      for (const row of rows) {
        note('user_id', row.metadata_user_id)
        note('email', row.email)
        note('phone', row.phone)
      }
    }
    expect(new Set(truth.map(key))).toEqual(sent)
  })

  it('is written the same for the same seed, a line a person and identifier', async () => {
    const options = { seed: 1, end: END, users: 200, days: 30, minEvents: 1000 }
    const small = generateCompany(options)
    const folder = await mkdtemp(join(tmpdir(), 'harbor-'))
    const rows = await writeTruth(small, folder)
    const text = await readFile(join(folder, 'truth.csv'), 'utf8')
    await rm(folder, { recursive: true })
    const told = truthOf(generateCompany(options))
    expect(rows).toBe(told.length)
    expect(parse(text, { columns: true })).toEqual(told.map(({ dirt, ...claim }) => ({ ...claim, dirt: dirt ?? '' })))
    expect(truthOf(generateCompany({ ...options, seed: 2 }))).not.toEqual(told)
  })
})

describe('dirt touches at least 3 % of the users', () => {
  const share = (persons: { readonly size: number }) => persons.size / company.users.length

  it('wrong addresses: mistyped, or another’s', () => {
    expect(share(personsWith('mistyped', 'borrowed'))).toBeGreaterThanOrEqual(LEAST)
    const addresses = new Set(truth.filter(({ dirt }) => dirt !== 'mistyped').map(key))
    expect(truth.filter((claim) => claim.dirt === 'mistyped' && addresses.has(key(claim)))).toEqual([])
  })

  it('changed addresses, of which both were sent', () => {
    const former = personsWith('former')
    const later = truth.filter(({ type, person, dirt }) => type === 'email' && dirt === undefined && former.has(person))
    expect(share(new Set(later.map(({ person }) => person)))).toBeGreaterThanOrEqual(LEAST)
  })

  it('mailboxes of households, whose members have user ids of their own or none', () => {
    expect(share(sharers('email'))).toBeGreaterThanOrEqual(LEAST)
    expect([...personsWith('family')].some((person) => person.startsWith('relative'))).toBe(true)
  })

  it('shared machines', () => {
    expect(share(sharers('anonymous_id'))).toBeGreaterThanOrEqual(LEAST)
    const sizes = shared('anonymous_id').map(({ size }) => size)
    expect(Math.max(...sizes)).toBeGreaterThanOrEqual(4)
  })

  it('phone numbers that passed on months later, sent by both', () => {
    const sent = personsWith('recycled')
    const holders = company.users.filter(({ index, numberRecycled }) => numberRecycled && sent.has(person(index)))
    const pairs = [...Map.groupBy(holders, ({ number }) => number).values()].filter(({ length }) => length === 2)
    expect((2 * pairs.length) / company.users.length).toBeGreaterThanOrEqual(LEAST)
  })

  it('people whom only sales or only billing knows', () => {
    const outsiders = (kind: string) => new Set(truth.flatMap(({ person }) => (person.startsWith(kind) ? person : [])))
    expect(share(outsiders('prospect'))).toBeGreaterThanOrEqual(LEAST)
    expect(share(outsiders('bookkeeper'))).toBeGreaterThanOrEqual(LEAST)
  })

  it('several devices, and visits before anybody signed in', () => {
    const devices = Map.groupBy(
      truth.filter(({ type }) => type === 'anonymous_id'),
      ({ person }) => person,
    )
    expect(share({ size: [...devices.values()].filter(({ length }) => length > 1).length })).toBeGreaterThanOrEqual(
      LEAST,
    )
    const visits = company.sessions.filter(({ kind, user }) => kind === 'visit' && user !== undefined)
    expect(share(new Set(visits.map(({ user }) => user)))).toBeGreaterThanOrEqual(LEAST)
  })

  it('phone numbers written in many ways', () => {
    const phones = truth.filter(({ type }) => type === 'phone').map(({ value }) => value)
    for (const way of [/^\+\d+$/, /^\+\d+ \d/, /^00/, /\(0\)/, /^0[1-9]\d* \d/, /^0[1-9]\d+$/, /^\(\d{3}\)/]) {
      expect(phones.filter((phone) => way.test(phone)).length, String(way)).toBeGreaterThan(5)
    }
  })
})

const person = (index: number) => `user_${String(index + 1).padStart(5, '0')}`
