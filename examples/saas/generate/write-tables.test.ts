import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateCompany, writeTables } from './index.ts'

const company = generateCompany({ seed: 1, end: new Date('2026-06-15T12:00:00Z') })

type Rows = readonly Readonly<Record<string, string>>[]

describe('writeTables', () => {
  let folder = ''
  const tables = new Map<string, Rows>()
  const column = (table: string, name: string) => (tables.get(table) ?? []).map((row) => row[name] ?? '')
  const filled = (table: string, name: string) => column(table, name).filter((value) => value !== '')

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'harbor-'))
    const written = await writeTables(company, folder)
    for (const [table, rows] of Object.entries(written)) {
      const text = await readFile(join(folder, `${table.replace('.', '/')}.csv`), 'utf8')
      tables.set(table, parse(text, { columns: true }))
      expect(tables.get(table)).toHaveLength(rows)
    }
  })

  afterAll(() => rm(folder, { recursive: true }))

  it('gives the same bytes for the same seed, and leaves nothing else behind', async () => {
    const again = await mkdtemp(join(tmpdir(), 'harbor-'))
    await writeTables(company, again)
    const hash = createHash('sha256')
    for (const schema of ['billing', 'crm']) {
      for (const file of (await readdir(join(again, schema))).sort()) {
        expect(file).toMatch(/\.csv$/)
        hash.update(await readFile(join(again, schema, file)))
      }
    }
    await rm(again, { recursive: true })
    expect(hash.digest('hex')).toBe('360559f4db2e02a23e85d671812d545f7ee8642c21c1d4040dccf0bcfa48f81f')
  })

  it.each([
    ['billing.subscriptions', 'customer_id', 'billing.customers', 'id'],
    ['billing.subscriptions', 'latest_invoice_id', 'billing.invoices', 'id'],
    ['billing.subscription_items', 'subscription_id', 'billing.subscriptions', 'id'],
    ['billing.subscription_items', 'plan_id', 'billing.prices', 'id'],
    ['billing.invoices', 'customer_id', 'billing.customers', 'id'],
    ['billing.invoices', 'subscription_id', 'billing.subscriptions', 'id'],
    ['billing.charges', 'invoice_id', 'billing.invoices', 'id'],
    ['billing.charges', 'customer_id', 'billing.customers', 'id'],
    ['crm.contacts', 'account_id', 'crm.accounts', 'id'],
    ['crm.cases', 'contact_id', 'crm.contacts', 'id'],
    ['crm.cases', 'account_id', 'crm.accounts', 'id'],
  ])('%s.%s is found in %s.%s', (table, foreign, parent, key) => {
    const keys = new Set(column(parent, key))
    expect(filled(table, foreign).length).toBeGreaterThan(0)
    expect(filled(table, foreign).filter((value) => !keys.has(value))).toEqual([])
  })

  it.each([
    'billing.customers',
    'billing.subscriptions',
    'billing.invoices',
    'billing.charges',
    'crm.accounts',
    'crm.contacts',
    'crm.cases',
  ])('%s has unique ids', (table) => {
    expect(new Set(column(table, 'id')).size).toBe(column(table, 'id').length)
  })

  it('ties customers to users and workspaces of the app', () => {
    const users = new Set(company.users.map(({ id }) => id))
    const workspaces = new Set(company.workspaces.map(({ id }) => id))
    expect(filled('billing.customers', 'metadata_user_id').every((id) => users.has(id))).toBe(true)
    expect(column('billing.customers', 'metadata_account_id').every((id) => workspaces.has(id))).toBe(true)
    expect(column('billing.customers', 'metadata_user_id')).toContain('')
  })

  it('spells e-mail addresses otherwise than the app, and knows people whom it does not', () => {
    const addresses = new Set(company.users.map(({ email }) => email))
    for (const table of ['billing.customers', 'crm.contacts']) {
      const typed = filled(table, 'email')
      const clean = typed.map((email) => email.trim().toLowerCase())
      expect(typed.filter((email, index) => email !== clean[index]).length / typed.length).toBeGreaterThan(0.2)
    }
    const strangers = filled('crm.contacts', 'email').filter((email) => !addresses.has(email.trim().toLowerCase()))
    expect(strangers.length).toBeGreaterThan(50)
  })

  it('shows trouble where a workspace is about to leave', () => {
    const owner = new Map(
      column('billing.customers', 'metadata_account_id').map((id, index) => [
        id,
        column('billing.customers', 'id')[index],
      ]),
    )
    const failed = new Set(
      (tables.get('billing.charges') ?? []).flatMap(({ status, customer_id: id }) => (status === 'failed' ? id : [])),
    )
    const leaving = company.workspaces.filter(({ churn }) => churn?.cause === 'payment')
    expect(leaving.length).toBeGreaterThan(10)
    expect(leaving.every(({ id }) => failed.has(owner.get(id)))).toBe(true)
  })
})
