import { expect, test } from 'vitest'
import { formatProblem } from '../core/problems.ts'
import type { Audience, Destination, Send } from '../project/index.ts'
import { checkDestinations } from './check-destinations.ts'
import { loadConnectors } from './connector.ts'

const connectors = await loadConnectors()

function problems(
  destination: Partial<Destination>,
  send: Partial<Send> = { options: { tag: 'x' } },
): readonly string[] {
  const place = { file: 'muster.yaml', line: 4, column: 3 }
  const crm: Destination = {
    ...place,
    name: 'crm',
    connector: 'mailchimp',
    settings: { api_key: 'a1-us1', list_id: 'abc' },
    twin: false,
    ...destination,
  }
  const sent: Send = {
    file: 'audiences/at_risk.sql',
    line: 2,
    column: 9,
    destination: 'crm',
    mode: 'mirror',
    mapping: {},
    options: {},
    allowStale: false,
    guards: { maxRemovedPercent: 30, allowEmpty: false },
    ...send,
  }
  const audience = { send: [sent] } as unknown as Audience // only its sends are looked at
  return checkDestinations({ destinations: { crm }, models: [], audiences: [audience] }, connectors).map(formatProblem)
}

test.each<[string, readonly string[], readonly string[]]>([
  ['nothing wrong', problems({}), []],
  [
    'connector',
    problems({ connector: 'mailchip' }),
    [
      'muster.yaml:4:3 error: Destination "crm" names the connector "mailchip", which does not exist. (did you mean `mailchimp`?)',
    ],
  ],
  [
    'missing',
    problems({ settings: { api_key: 'a1-us1' } }),
    [expect.stringContaining('Destination "crm" lacks the setting list_id.')],
  ],
  [
    'missing secret',
    problems({ settings: { list_id: 'abc' } }),
    [expect.stringContaining('lacks the setting api_key')],
  ],
  ['missing secret of a twin', problems({ settings: { list_id: 'abc' }, twin: true }), []],
  [
    'unknown setting',
    problems({ settings: { api_key: 'a1-us1', list_id: 'abc', list: 'abc' } }),
    [expect.stringContaining('unknown setting "list"')],
  ],
  [
    'secret of a wrong form',
    problems({ settings: { api_key: 'nodash', list_id: 'abc' } }),
    [expect.stringContaining('The setting api_key does not look like one.')],
  ],
  [
    'ill-typed setting',
    problems({ settings: { api_key: 'a1-us1', list_id: true } }),
    [expect.stringContaining('The setting list_id "true" is not a text.')],
  ],
  [
    'no option',
    problems({}, {}),
    [
      'audiences/at_risk.sql:2:9 error: send: crm lacks the option tag. (The tag that the people of the audience get; it is created when the list has none of that name.)',
    ],
  ],
  [
    'unknown option',
    problems({}, { options: { tag: 'x', leaver: 'untag' } }),
    [expect.stringContaining('unknown option "leaver". (did you mean `leavers`?)')],
  ],
  [
    'no such value',
    problems({}, { options: { tag: 'x', leavers: 'untagg' } }),
    [
      expect.stringContaining(
        'The option leavers "untagg" is none of untag, archive, unsubscribe. (did you mean `untag`?)',
      ),
    ],
  ],
  [
    'unknown field',
    problems({}, { options: { tag: 'x' }, mapping: { frist_name: 'a' } }),
    [expect.stringContaining('mailchimp has no field "frist_name". (did you mean `first_name`?)')],
  ],
])('%s', (_, found, expected) => {
  expect(found).toEqual(expected)
})

test('an object has one name', () => {
  const ads = { connector: 'facebook_custom_audiences', settings: { access_token: 'x', ad_account_id: 'act_1' } }
  expect(problems(ads, {})).toEqual([
    expect.stringContaining('send: crm does not say which custom audience. (give audience_id or audience)'),
  ])
  expect(problems(ads, { options: { audience: 'a', audience_id: 1 } })).toEqual([
    expect.stringContaining('names the custom audience twice: by audience_id and audience.'),
  ])
})
