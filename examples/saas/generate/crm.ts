import { type ClaimedRow, claimsOf, personOf, prospectOf, relativeOf } from './claim.ts'
import type { Company } from './company.ts'
import { SHARES, typed } from './dirt.ts'
import type { Relative } from './households.ts'
import type { Prospect, ProspectContact } from './outsiders.ts'
import type { User } from './people.ts'
import { DAY, type Period } from './period.ts'
import { numberWrittenDown } from './phone-holders.ts'
import { type PhoneNumber, writtenDown } from './phones.ts'
import { between, chance, integer, mix, mulberry32, pick, type Random } from './random.ts'
import type { Noted } from './said.ts'
import { date, instant, type Row, type Table } from './table.ts'
import type { Workspace } from './workspaces.ts'

const LEAD_SOURCES = ['Web', 'Referral', 'Trade Show', 'Partner', null]

const SUBJECTS = [
  'Cannot log in since "the update"',
  'Export fails, see log:\nline 2: timeout',
  'Question about invoice',
  'Größere Dateien hochladen?',
  'Sync with calendar stopped 😞',
  'How do I delete a project',
]

interface Contact {
  readonly user: User
  readonly id: string
}

/** The CRM's tables, with the columns of a Fivetran extract of Salesforce. */
export function crmTables(company: Company): readonly Table[] {
  const random = mulberry32(mix(company.seed, 7))
  const contacts = company.users.filter(() => chance(random, 0.88)).map((user) => ({ user, id: contactId(user.index) }))
  const known = contacts.map((contact) => contactRow(random, company, contact))
  const cases = contacts.flatMap((contact) => casesOf(random, company, contact))
  const people = [
    ...known,
    ...duplicates(random, known),
    ...company.relatives.map((relative, index) => relativeContact(random, relative, index)),
    ...company.prospects.flatMap((prospect) =>
      prospect.contacts.map((contact, seat) => prospectContact(random, prospect, contact, seat)),
    ),
  ]
  return [
    {
      schema: 'crm',
      name: 'accounts',
      rows: [
        ...company.workspaces.map((workspace) => accountRow(random, workspace)),
        ...company.prospects.map((prospect) => ({ ...accountRow(random, workspaceOf(prospect)), type: 'Prospect' })),
      ],
    },
    {
      schema: 'crm',
      name: 'contacts',
      rows: people.map(({ row }) => row),
      claims: people.flatMap(({ claims }) => claims),
    },
    { schema: 'crm', name: 'cases', rows: cases.map((row, index) => ({ id: salesforceId('500', index), ...row })) },
  ]
}

const salesforceId = (prefix: string, number: number): string => `${prefix}Hb${String(number).padStart(10, '0')}AAA`

const accountId = (index: number): string => salesforceId('001', index)

const contactId = (index: number): string => salesforceId('003', index)

function accountRow(random: Random, { index, name, domain, industry, country, employees, churn }: Workspace): Row {
  return {
    id: accountId(index),
    name,
    type: churn === undefined ? 'Customer' : 'Customer - At Risk',
    industry,
    annual_revenue: chance(random, 0.4) ? null : employees * integer(random, 60, 200) * 1000,
    number_of_employees: employees,
    owner_id: salesforceId('005', index % 7),
    billing_country: country,
    rating: pick(random, ['Hot', 'Warm', 'Cold', null]),
    is_deleted: false,
    website: `https://${domain}`,
    account_source: pick(random, LEAD_SOURCES),
  }
}

function contactRow(random: Random, { end }: Company, { user, id }: Contact): ClaimedRow {
  const { workspace, firstName, lastName, inCrm, title } = user
  const email = chance(random, 0.02) ? undefined : { ...inCrm, value: typed(random, inCrm.value) }
  const phone = chance(random, SHARES.phoneInCrm) ? numberWrittenDown(random, user) : undefined
  const row = {
    id,
    account_id: accountId(workspace.index),
    email: email?.value ?? null,
    first_name: firstName,
    last_name: lastName ?? '(unknown)',
    title,
    phone: phone?.value ?? null,
    owner_id: salesforceId('005', workspace.index % 7),
    lead_source: pick(random, LEAD_SOURCES),
    last_activity_date: chance(random, 0.3) ? null : date(end - integer(random, 1, 200) * DAY),
    is_deleted: false,
  }
  return { row, claims: claimsOf(personOf(user), { email, phone }) }
}

/** Sales entered some people twice, spelled anew. */
function duplicates(random: Random, people: readonly ClaimedRow[]): readonly ClaimedRow[] {
  return people
    .filter(() => chance(random, 0.02))
    .map(({ row, claims }, index) => {
      const email = typeof row.email === 'string' ? typed(random, row.email.trim().toLowerCase()) : null
      return {
        row: { ...row, id: salesforceId('003', 800_000 + index), email, title: null },
        claims: claims.map((claim) => (claim.type === 'email' && email !== null ? { ...claim, value: email } : claim)),
      }
    })
}

/** A prospect as if it had signed up. */
function workspaceOf({ index, name, domain, employees }: Prospect): Workspace {
  return {
    index,
    name,
    domain,
    employees,
    id: '',
    industry: 'Other',
    country: 'US',
    seats: 0,
    utcOffset: 0,
    createdAt: 0,
    trialEnd: 0,
    plan: 'free',
    interval: 'month',
    upgrade: undefined,
    churn: undefined,
  }
}

function prospectContact(random: Random, { index }: Prospect, person: ProspectContact, seat: number): ClaimedRow {
  const id = salesforceId('003', 900_000 + index * 10 + seat)
  const title = pick(random, ['CEO', 'COO', 'Head of IT'])
  const email = { value: person.email }
  return outsiderContact(random, prospectOf(index, seat), { ...person, id, account: index, title, email })
}

function relativeContact(random: Random, relative: Relative, index: number): ClaimedRow {
  const id = salesforceId('003', 700_000 + index)
  const account = relative.of.workspace.index
  const email = { value: relative.email, dirt: 'family' } as const
  return outsiderContact(random, relativeOf(index), { ...relative, id, account, title: null, email })
}

interface Outsider {
  readonly id: string
  readonly account: number
  readonly firstName: string
  readonly lastName: string
  readonly title: string | null
  readonly email: Noted
  readonly number: PhoneNumber | undefined
}

/** Somebody without a login: sales has all that is known of them. */
function outsiderContact(random: Random, person: string, outsider: Outsider): ClaimedRow {
  const { id, account, firstName, lastName, title, number } = outsider
  const email = { ...outsider.email, value: typed(random, outsider.email.value) }
  const phone = writtenDown(random, number)
  const row = {
    id,
    account_id: accountId(account),
    email: email.value,
    first_name: firstName,
    last_name: lastName,
    title,
    phone: phone?.value ?? null,
    owner_id: salesforceId('005', account % 7),
    lead_source: pick(random, LEAD_SOURCES),
    last_activity_date: null,
    is_deleted: false,
  }
  return { row, claims: claimsOf(person, { email, phone }) }
}

/** Who is about to leave complains more, and is answered less. */
function casesOf(random: Random, { start, end }: Company, { user, id }: Contact): readonly Row[] {
  const { workspace, joinedAt } = user
  const from = Math.max(start, joinedAt)
  const leaving = workspace.churn
  const rows: Row[] = []
  const add = (created: number, closed: number | undefined) => {
    if (created > from && created < end)
      rows.push(caseRow(random, user, id, { start: created, end: closed ?? Number.POSITIVE_INFINITY }, end))
  }
  if (chance(random, 0.09)) {
    const created = Math.floor(between(random, start, end))
    add(created, created + Math.floor(between(random, 0.2, 6) * DAY))
  }
  if (leaving !== undefined && leaving.cause !== 'trial' && chance(random, 0.45)) {
    const created = Math.floor(leaving.at - between(random, 7, 24) * DAY)
    add(created, leaving.at <= end ? leaving.at : undefined)
  }
  return rows
}

function caseRow(random: Random, { workspace }: User, contact: string, open: Period, now: number): Row {
  const isClosed = open.end <= now
  return {
    account_id: accountId(workspace.index),
    contact_id: contact,
    status: isClosed ? 'Closed' : pick(random, ['New', 'Working', 'Escalated']),
    priority: pick(random, ['Low', 'Medium', 'High']),
    origin: pick(random, ['Email', 'Web', 'Phone']),
    reason: pick(random, ['Performance', 'Billing', 'User didn’t attend training', null]),
    type: pick(random, ['Problem', 'Question', 'Feature Request']),
    is_closed: isClosed,
    is_escalated: !isClosed && chance(random, 0.4),
    created_date: instant(open.start),
    closed_date: isClosed ? instant(open.end) : null,
    subject: pick(random, SUBJECTS),
  }
}
