/**
 * Events as odd as clients send them. Each value that can be is unlike every other, so that finding it proves that it, and
 * not another, was kept.
 */
export interface OddEvents {
  readonly name: string
  readonly events: readonly Readonly<Record<string, unknown>>[]
}

const track = (event: unknown, properties: unknown, more: object = {}) => ({
  type: 'track',
  event,
  properties,
  ...more,
})
const nested = (levels: number, value: unknown): unknown => (levels === 0 ? value : { n: nested(levels - 1, value) })

const STANDARD = [
  'id',
  'user_id',
  'anonymous_id',
  'received_at',
  'event',
  'event_text',
  'context_ip',
  'channel',
  'uuid_ts',
]
const OWN = ['_load', '_position', '_identifier', 'sent_at', 'timestamp', 'original_timestamp', 'rudder_event', 'name']
const SQL = [
  'select',
  'Order',
  'table',
  'drop table tracks',
  "'; drop schema odd; --",
  '"',
  'pg_catalog',
  'null',
  'true',
]
const NAMES = [
  '',
  ' ',
  '_',
  'x'.repeat(500),
  '📦',
  '日本',
  'İ',
  'weiß',
  '\u0000',
  '\ud800',
  'a\nb',
  '../../etc',
  'tracks',
  'users',
]
const TWINS = [
  'Order Done',
  'order done',
  'order_done',
  'ORDER-DONE',
  'orderDone',
  'Order  Done!',
  '_order_done',
  'order.done',
]

const DATES = [
  '0001-01-01T00:00:00.000Z',
  '0001-01-01',
  '0044-03-15T12:00:00Z',
  '1582-10-10',
  '1969-12-31T23:59:59.999Z',
  '9999-12-31T23:59:59.999Z',
  '9999-12-31T23:59:59.999-01:00',
  '0000-01-01',
  '0001-01-01T00:00:00+01:00',
  '2024-02-30',
  '2025-02-29T00:00:00Z',
  '2024-13-01',
  '2024-05-23T25:00:00Z',
  '+275760-09-13T00:00:00.000Z',
  'infinity',
  'now',
  'epoch',
]

/** What JSON's readers make of whole numbers beyond 2^53. */
const [BEYOND_DOUBLES, LARGEST_BIGINT, BEYOND_BIGINT] = [
  '9007199254740993',
  '9223372036854775807',
  '123456789012345678901',
].map(Number)

const NUMBERS = [
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
  BEYOND_DOUBLES,
  LARGEST_BIGINT,
  BEYOND_BIGINT,
  1e21,
  1e300,
  -1e308,
  5e-324,
  0.1,
  -0,
]

const TEXTS = [
  'NaN',
  'Infinity',
  '-Infinity',
  'null',
  'undefined',
  '1e5',
  '0x1F',
  '007',
  '1,5',
  'true',
  'x\u0000y',
  '\ud83d alone',
  'alone \udead',
  '\u202eright to left',
  '\ufeffmark',
  '\\N',
  '\\.',
  'a\tb\nc\r\nd',
  '"quoted", \'twice\'',
  '$1 %s {} [] --',
  'e\u0301 é',
  '👩‍👧‍👦',
  'y'.repeat(100_000),
]

const MIXED = [1, 2.5, 'text', true, '2026-02-03', ['a', 1], { b: 1 }, BEYOND_DOUBLES, null, '', [], 'NaN', false, -3]

/** A property whose type is another with each event, in an order that begins at another place each time. */
const rotated = (start: number): readonly unknown[] => [...MIXED.slice(start), ...MIXED.slice(0, start)]

export const ODD_EVENTS: readonly OddEvents[] = [
  { name: 'names of events', events: NAMES.map((name, n) => track(name, { of_name: `name ${n}` })) },
  { name: 'SQL as names of events', events: SQL.map((name, n) => track(name, { [name]: `sql ${n}` })) },
  { name: 'no name at all', events: [track(undefined, { a: 'nameless' }), track(7, { a: 'seven' }), track(null, {})] },
  {
    name: 'names that differ by case or punctuation',
    events: TWINS.map((name, n) => track(name, { [name]: `twin ${n}` })),
  },
  {
    name: 'properties that differ by case or punctuation',
    events: [track('Twins', Object.fromEntries(TWINS.map((name, n) => [name, `property ${n}`])))],
  },
  {
    name: 'names of properties',
    events: [track('Names', Object.fromEntries([...NAMES, ...SQL].map((name, n) => [name, `named ${n}`])))],
  },
  {
    name: 'properties in place of standard columns',
    events: [
      track('Shadows', Object.fromEntries([...STANDARD, ...OWN].map((name, n) => [name, `shadow ${n}`]))),
      { type: 'identify', traits: Object.fromEntries([...STANDARD, ...OWN].map((name, n) => [name, `trait ${n}`])) },
      { type: 'page', properties: { name: 'inner', id: 'p' }, name: 'outer', context: { ip: 'x', request_ip: 'y' } },
    ],
  },
  {
    name: '50 levels',
    events: [track('Deep', nested(50, 'deep down')), track('Deep', { l: [nested(50, 'in a list')] })],
  },
  { name: 'dates', events: DATES.map((date, n) => track(`Date ${n}`, { date }, { timestamp: date })) },
  { name: 'dates in one column', events: DATES.map((date) => track('Dates', { date })) },
  { name: 'numbers', events: NUMBERS.map((number, n) => track(`Number ${n}`, { number })) },
  { name: 'numbers in one column', events: NUMBERS.map((number) => track('Numbers', { number, list: [number] })) },
  { name: 'texts', events: TEXTS.map((text) => track('Texts', { text, list: [text] })) },
  ...MIXED.map((first, start) => ({
    name: `types that change, beginning with ${JSON.stringify(first)}`,
    events: rotated(start).map((value) => track(`Mixed ${start}`, { value })),
  })),
  {
    name: 'members of a wrong type',
    events: [
      track('Wrong', 'a text'),
      track('Wrong', ['a', 'list']),
      { type: 'identify', traits: 'spread', context: { traits: 'text' } },
      { type: 'identify', traits: { 0: 'a', 1: 'b' }, context: { traits: { 0: 'c', 1: 'd' } } },
      { type: 'group', groupId: true, traits: { 0: 'g' } },
      { type: 'alias', previousId: { a: 'former' } },
      { type: 'merge', mergeProperties: ['odd', { type: 1, value: [2] }] },
      { type: 'page', context: 'nowhere', channel: { a: 'channel' }, sentAt: 'soon' },
      { type: 'screen', properties: { __proto__: 1, constructor: 'c', toString: 't', hasOwnProperty: 'h' } },
    ],
  },
  {
    name: 'more columns than an event may have',
    events: [track('Wide', Object.fromEntries(Array.from({ length: 1010 }, (_, n) => [`column ${n}`, `wide ${n}`])))],
  },
]
