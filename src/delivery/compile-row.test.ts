import { describe, expect, test } from 'vitest'
import { duckdbDialect } from '../warehouse/duckdb/dialect.ts'
import { compileRow } from './compile-row.ts'
import { type Connector, loadConnectors } from './connector.ts'

const connectors = await loadConnectors()
const mailchimp = connectors.get('mailchimp') as Connector
const facebook = connectors.get('facebook_custom_audiences') as Connector

function compiled(connector: Connector, columns: readonly string[], mapping: Record<string, string> = {}) {
  return compileRow(connector, { columns, mapping, options: {}, dialect: duckdbDialect })
}

describe('compileRow', () => {
  test('takes columns by the names that fields declare, the first there is', () => {
    const { key, fields, problems } = compiled(mailchimp, [
      'profile_id',
      'email',
      'firstname',
      'last_name',
      'lastname',
      'phone',
    ])
    expect(problems).toEqual([])
    expect(key).toContain('"email"')
    expect(Object.keys(fields)).toEqual(['first_name', 'last_name'])
    expect(fields.last_name).toContain('"last_name"')
  })

  test('a mapping goes before, and may name fields of the user’s own', () => {
    const { key, fields } = compiled(mailchimp, ['email', 'work"mail', 'plan', 'first_name'], {
      email: 'work"mail',
      PLAN: 'plan',
    })
    expect(key).toContain('"work""mail"')
    expect(key).not.toContain('"email"')
    expect(Object.keys(fields)).toEqual(['PLAN', 'first_name'])
  })

  test.each([
    [
      facebook,
      ['id', 'mail'],
      {},
      'Facebook Custom Audiences needs email, and there is no column email.',
      'map it: mapping: { email: COLUMN }; there are: id, mail',
    ],
    [
      facebook,
      ['email'],
      { emial: 'email' },
      'facebook_custom_audiences has no field "emial".',
      'did you mean `email`?',
    ],
    [
      mailchimp,
      ['email', 'first'],
      { first_name: 'frist' },
      'The mapping of first_name names the column "frist", which neither the audience nor its profiles have.',
      'did you mean `first`?',
    ],
    [
      mailchimp,
      ['email'],
      { 'no merge field': 'email' },
      'mailchimp has no field "no merge field".',
      'there are: email, first_name, last_name, phone, and merge fields of your list by their tag, such as `PLAN`',
    ],
  ])('%# tells what is wrong with a mapping', (connector, columns, mapping, message, hint) => {
    expect(compiled(connector, columns, mapping).problems).toContainEqual({ message, hint })
  })
})
