import { type BadInput, body, kept, words } from './bad-input.ts'

const MEMBERS = words`
  type event messageId timestamp sentAt originalTimestamp receivedAt request_ip channel context properties
  traits integrations groupId previousId name userProperties writeKey
`

const WRONG = [
  'null',
  'true',
  '0',
  '-1.5',
  '1e400',
  '""',
  '" "',
  '[]',
  '[1,[2]]',
  '{}',
  '{"a":{"b":[]}}',
  '"\\u0000\\ud800"',
]

const IDENTIFYING = ['event', 'groupId', 'previousId']
const OF_MEMBERS = ['context', 'properties', 'traits', 'integrations', 'userProperties']

/** What identifies has to be text or a number, what has members an object or PHP's empty list; the rest is as it is. */
function isTaken(member: string, content: string): boolean {
  if (content === 'null') return true
  if (content === '1e400') return member === 'writeKey'
  if (IDENTIFYING.includes(member)) return /^["\d-]/.test(content)
  return !OF_MEMBERS.includes(member) || content === '[]' || content.startsWith('{')
}

const members = MEMBERS.flatMap((member) =>
  WRONG.map((content) =>
    body(
      `member ${member} is ${content}`,
      `{"userId":"u","${member}":${content}}`,
      isTaken(member, content) ? kept(1) : kept(0, 1),
    ),
  ),
)

const TYPES = ['identify', 'track', 'page', 'screen', 'group', 'alias'] as const
const ALL_WRONG = ['event', 'name', 'groupId', 'previousId', 'properties', 'traits', 'context', 'timestamp']

const wholeEvents = TYPES.flatMap((type) =>
  ['null', '[]', '{}', '7', '"x"'].map((content) => {
    const rest = ALL_WRONG.map((member) => `"${member}":${content}`).join(',')
    return body(
      `${type} of which all is ${content}`,
      `{"userId":"u",${rest}}`,
      content === 'null' ? kept(1) : kept(0, 1),
      `/v1/${type}`,
    )
  }),
)

/** Ids that name nobody. */
const NO_ID = [
  ...words`
  null true false [] ["u"] {} {"id":"u"} "" "\t\r\n" "\u0000" "\u200b\u200d" "\ufeff" "\u202e\u202c" "\ud800"
  "\udc00\ud800" "\u00ad" "\u00a0" "\u3000" "\u2028"
`,
  '" "',
]

const ids: readonly BadInput[] = [
  ...NO_ID.flatMap((id) => [
    body(`userId ${id}`, `{"userId":${id}}`, kept(0, 1)),
    body(`both ids ${id}`, `{"userId":${id},"anonymousId":${id}}`, kept(0, 1)),
  ]),
  ...['9007199254740993', '1e300'].map((id) => body(`userId ${id}`, `{"userId":${id}}`, kept(0, 1))),
  ...['0', '-0', '-1', '1.5', '9007199254740991'].map((id) => body(`userId ${id}`, `{"userId":${id}}`, kept(1))),
  ...['1e400', '-1e400'].map((id) => body(`userId ${id}, which JSON cannot hold`, `{"userId":${id}}`, kept(0, 1))),
  body('userId of a megabyte', () => Buffer.from(`{"userId":"${'u'.repeat(1_000_000)}"}`), kept(1)),
  body('userId with invisible characters', '{"userId":"\\u200bu\\u0000"}', kept(1)),
  body('userId in another case', '{"userid":"u","UserId":"u","user_id":"u"}', kept(0, 1)),
  body('userId inside of traits only', '{"traits":{"userId":"u"},"context":{"traits":{"userId":"u"}}}', kept(0, 1)),
  body('messageId of 512 characters', `{"userId":"u","messageId":"${'m'.repeat(512)}"}`, kept(1)),
  body('messageId of 513 characters', `{"userId":"u","messageId":"${'m'.repeat(513)}"}`, kept(0, 1)),
  body(
    'messageId of a megabyte',
    () => Buffer.from(`{"userId":"u","messageId":"${'m'.repeat(1_000_000)}"}`),
    kept(0, 1),
  ),
  body(
    'messageId of a megabyte of nothing',
    () => Buffer.from(`{"userId":"u","messageId":"${' '.repeat(1_000_000)}"}`),
    kept(1),
  ),
  body('messageId of characters nobody sees', '{"userId":"u","messageId":"\\u200b\\u0000"}', kept(1)),
]

const TIMES = ['timestamp', 'originalTimestamp', 'sentAt', 'receivedAt']
const BAD_TIMES = [
  ...words`
  0000-00-00 2024-02-30 2023-02-29T00:00:00Z 2024-01-01T25:00:00Z 2024-01-01T00:00:60Z yesterday NaN
  0001-01-01T00:00:00Z 9999-12-31T23:59:59.999Z 9999-12-31T23:59:59-14:00 +275760-09-13T00:00:00Z
  -271821-04-20T00:00:00Z 1e15 2024-01-01T00:00:00+99:99 ٢٠٢٤-٠١-٠١
`,
  'Invalid Date',
  `2024-01-01${' '.repeat(10_000)}`,
]

const times = TIMES.flatMap((member) =>
  BAD_TIMES.map((time) =>
    body(`${member} ${time.trim()} (${time.length})`, JSON.stringify({ userId: 'u', [member]: time }), kept(1)),
  ),
)

export const events: readonly BadInput[] = [...members, ...wholeEvents, ...ids, ...times]
