import type { Company } from './company.ts'
import { typed } from './dirt.ts'
import { companyName, FIRST_NAMES, LAST_NAMES } from './names.ts'
import type { User } from './people.ts'
import { DAY, type Period } from './period.ts'
import { between, chance, integer, mix, mulberry32, pick, type Random } from './random.ts'
import { date, instant, type Row, type Table } from './table.ts'
import type { Workspace } from './workspaces.ts'

/** Share of workspaces' number that sales talks to besides and that never signed in. */
const PROSPECTS = 0.15

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
  const people = contacts.map((contact) => contactRow(random, company, contact))
  const cases = contacts.flatMap((contact) => casesOf(random, company, contact))
  const prospects = prospectsOf(random, company)
  return [
    {
      schema: 'crm',
      name: 'accounts',
      rows: [...company.workspaces.map((workspace) => accountRow(random, workspace)), ...prospects.accounts],
    },
    { schema: 'crm', name: 'contacts', rows: [...people, ...duplicates(random, people), ...prospects.contacts] },
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

function contactRow(random: Random, { end }: Company, { user, id }: Contact): Row {
  const { workspace, firstName, lastName, email, title } = user
  return {
    id,
    account_id: accountId(workspace.index),
    email: chance(random, 0.02) ? null : typed(random, email),
    first_name: firstName,
    last_name: lastName ?? '(unknown)',
    title,
    phone: chance(random, 0.4) ? `00${integer(random, 10, 99)}${integer(random, 1_000_000, 9_999_999)}` : null,
    owner_id: salesforceId('005', workspace.index % 7),
    lead_source: pick(random, LEAD_SOURCES),
    last_activity_date: chance(random, 0.3) ? null : date(end - integer(random, 1, 200) * DAY),
    is_deleted: false,
  }
}

/** Sales entered some people twice, spelled anew. */
function duplicates(random: Random, people: readonly Row[]): readonly Row[] {
  return people
    .filter(() => chance(random, 0.02))
    .map((row, index) => ({
      ...row,
      id: salesforceId('003', 800_000 + index),
      email: typeof row.email === 'string' ? typed(random, row.email.trim().toLowerCase()) : null,
      title: null,
    }))
}

/** Companies and people that sales knows and the app does not. */
function prospectsOf(random: Random, { workspaces }: Company) {
  const accounts: Row[] = []
  const contacts: Row[] = []
  for (let place = 0; place < Math.ceil(workspaces.length * PROSPECTS); place++) {
    const index = workspaces.length + place
    const { name, domain } = companyName(index)
    const base = { index, name, domain, employees: integer(random, 5, 900) }
    accounts.push({ ...accountRow(random, prospect(base)), type: 'Prospect' })
    for (let seat = 0; seat < integer(random, 1, 4); seat++) contacts.push(prospectContact(random, index, seat, domain))
  }
  return { accounts, contacts }
}

type Known = Pick<Workspace, 'index' | 'name' | 'domain' | 'employees'>

function prospect(known: Known): Workspace {
  return {
    ...known,
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

function prospectContact(random: Random, account: number, seat: number, domain: string): Row {
  const [firstName, localFirst] = pick(random, FIRST_NAMES)
  const [lastName, localLast] = pick(random, LAST_NAMES)
  return {
    id: salesforceId('003', 900_000 + account * 10 + seat),
    account_id: accountId(account),
    email: typed(random, `${localFirst}.${localLast}.${seat + 1}@${domain}`),
    first_name: firstName,
    last_name: lastName,
    title: pick(random, ['CEO', 'COO', 'Head of IT']),
    phone: null,
    owner_id: salesforceId('005', account % 7),
    lead_source: pick(random, LEAD_SOURCES),
    last_activity_date: null,
    is_deleted: false,
  }
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
