import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type AcceptedEvent,
  acceptEvent,
  EVENT_TYPES,
  type EventRows,
  eventRows,
  isJsonObject,
  type SourceShape,
  sourceShape,
} from './index.ts'

const receivedAt = '2026-01-02T12:00:00.000Z'
const requestIp = '203.0.113.7'

/**
 * The rows of an event as JSON text means it. Its ids are checked as the gateway does, and nothing else: a transformation
 * may give any member any type.
 */
function rowsOf(json: string | object, shape?: SourceShape): EventRows {
  const event: AcceptedEvent = JSON.parse(typeof json === 'string' ? json : JSON.stringify(json))
  const { type, messageId, receivedAt: at, request_ip: ip } = event
  const ids = { type, messageId, receivedAt: at, request_ip: ip, userId: 'anyone' }
  const accepted = acceptEvent(ids, { receivedAt, requestIp, id: () => 'new-id' })
  if ('reason' in accepted) throw new Error(accepted.reason)
  const { rudderId: _, userId: __, ...filled } = accepted.event
  return eventRows({ source: 'web', receivedAt, requestIp, event: { ...event, ...filled } }, shape)
}

/** Columns that every event of these tests has alike. */
const USUAL = {
  sent_at: `datetime ${receivedAt}`,
  timestamp: `datetime ${receivedAt}`,
  received_at: `datetime ${receivedAt}`,
  original_timestamp: `datetime ${receivedAt}`,
  context_ip: `string ${requestIp}`,
  context_request_ip: `string ${requestIp}`,
}

/** Rows by table: each value with its type before it; without the usual columns. */
function tablesOf({ rows }: EventRows) {
  return Object.fromEntries(
    rows.map(({ table, values }) => [
      table,
      Object.fromEntries(
        [...values]
          .map(([column, { type, value }]) => [column, `${type} ${value}`] as const)
          .filter(([column, text]) => (USUAL as Record<string, string>)[column] !== text),
      ),
    ]),
  )
}

const discardsOf = ({ discards }: EventRows) =>
  discards.map(({ table, column, value, reason }) => `${table}.${column} ${value}: ${reason}`)

describe('the rows of an event', () => {
  const ids = { messageId: 'm1', anonymousId: 'a1', userId: 'u1' }
  const own = { id: 'string m1', anonymous_id: 'string a1', user_id: 'string u1' }

  test('track: a row of tracks without its properties, and one of its own table', () => {
    const rows = rowsOf({
      type: 'track',
      ...ids,
      event: 'Product Added',
      channel: 'web',
      properties: { price: 9.5, quantity: 2, sku: 'O’Brien 📦', gift: false, added_at: '2026-01-02T03:04:05+01:00' },
      userProperties: { plan: 'pro' },
      context: { ip: '198.51.100.1', library: { name: 'js' }, traits: { email: 'ann@x.io' } },
    })
    const tracks = {
      ...own,
      event: 'string product_added',
      event_text: 'string Product Added',
      channel: 'string web',
      context_ip: 'string 198.51.100.1',
      context_passed_ip: 'string 198.51.100.1',
      context_library_name: 'string js',
      context_traits_email: 'string ann@x.io',
    }
    expect(tablesOf(rows)).toEqual({
      tracks,
      product_added: {
        ...tracks,
        price: 'float 9.5',
        quantity: 'int 2',
        sku: 'string O’Brien 📦',
        gift: 'boolean false',
        added_at: 'datetime 2026-01-02T02:04:05.000Z',
        plan: 'string pro',
      },
    })
    expect(rows).toMatchObject({ id: 'm1', discards: [] })
    expect(tablesOf(rows).tracks).not.toHaveProperty('price')
  })

  test('identify: a row of identifies and, with a user id, one of users', () => {
    const sent = {
      type: 'identify',
      ...ids,
      traits: { name: "Ann O'Brien", address: { city: 'Straße' }, user_id: 'crm-7', age: null },
      userProperties: { name: 'loses', plan: 'pro' },
    }
    const described = {
      name: "string Ann O'Brien",
      address_city: 'string Straße',
      _user_id: 'string crm-7',
      plan: 'string pro',
    }
    const rows = rowsOf(sent)
    expect(tablesOf(rows)).toEqual({ identifies: { ...own, ...described }, users: { id: 'string u1', ...described } })
    expect(discardsOf(rows)).toEqual(['identifies.name loses: a later value has the same column name'])
    expect(Object.keys(tablesOf(rowsOf({ ...sent, userId: ' ' })))).toEqual(['identifies'])
  })

  test.each([
    ['page', 'pages'],
    ['screen', 'screens'],
  ])('%s: its name, else the property of that name', (type, table) => {
    const rows = rowsOf({ type, ...ids, name: 'Home', properties: { name: 'other', url: '/' } })
    expect(tablesOf(rows)).toEqual({ [table]: { ...own, name: 'string Home', url: 'string /' } })
    expect(discardsOf(rows)).toEqual([`${table}.name other: the column is one of the event's own`])
    const byProperty = rowsOf({ type, ...ids, properties: { name: 'Prices' } })
    expect(tablesOf(byProperty)).toEqual({ [table]: { ...own, name: 'string Prices' } })
    expect(byProperty.discards).toEqual([])
  })

  test('group: its id and traits', () => {
    const rows = rowsOf({ type: 'group', ...ids, groupId: 42, traits: { name: 'Acme', seats: 5 } })
    expect(tablesOf(rows)).toEqual({
      groups: { ...own, group_id: 'string 42', name: 'string Acme', seats: 'int 5' },
    })
  })

  test('alias: the id before', () => {
    expect(tablesOf(rowsOf({ type: 'alias', ...ids, previousId: ' old\u200b ' }))).toEqual({
      aliases: { ...own, previous_id: 'string old' },
    })
  })

  test("identify: traits in the context, as RudderStack's browser SDK writes them, go behind its own", () => {
    const context = { traits: { email: 'ann@x.io', plan: 'free', id: 'x', user_id: 'y', address: { city: 'İ' } } }
    const result = rowsOf({ type: 'identify', ...ids, traits: { plan: 'pro' }, context })
    const described = {
      email: 'string ann@x.io',
      plan: 'string pro',
      address_city: 'string İ',
      _user_id: 'string y',
      context_traits_email: 'string ann@x.io',
      context_traits_plan: 'string free',
      context_traits_id: 'string x',
      context_traits_user_id: 'string y',
      context_traits_address_city: 'string İ',
    }
    expect(tablesOf(result)).toEqual({ identifies: { ...own, ...described }, users: { id: 'string u1', ...described } })
    expect(discardsOf(result)).toEqual([])
  })

  test('merge: two identifiers of one person', () => {
    const email = { type: 'email', value: ' ann@x.io ' }
    const merge = { type: 'merge', ...ids, mergeProperties: [email, { type: 'mobile', value: 49123 }, email, 7] }
    const result = rowsOf(merge)
    expect(tablesOf(result)).toEqual({
      merges: {
        ...own,
        merge_property_1_type: 'string email',
        merge_property_1_value: 'string ann@x.io',
        merge_property_2_type: 'string mobile',
        merge_property_2_value: 'string 49123',
      },
    })
    expect(discardsOf(result)).toEqual([
      'merges.merge_property_3 {"type":"email","value":" ann@x.io "}: a merge names 2 identifiers',
      'merges.merge_property_4 7: a merge names 2 identifiers',
    ])
  })
})

const ROUNDED = 'rounded, for it is a whole number beyond 2^53: send it as a string'

describe('values', () => {
  const ids = '"type":"track","userId":"u","messageId":"m","event":"e"'
  const columnsOf = (properties: string) => {
    const rows = rowsOf(`{${ids},"properties":${properties}}`)
    const { event: _, event_text: __, id: ___, user_id: ____, ...columns } = tablesOf(rows).e ?? {}
    return { columns, discards: discardsOf(rows) }
  }

  test.each([
    ['{"a":null,"b":"","c":[],"d":[""],"e":{},"f":{"g":null}}', {}],
    ['{"a":" "}', { a: 'string  ' }],
    ['{"a":[1,"x",{"b":null}]}', { a: 'string [1,"x",{"b":null}]' }],
    ['{"a":[null]}', { a: 'string [null]' }],
    ['{"a":{"b":{"c":{"d":1}}}}', { a_b_c_d: 'int 1' }],
    ['{"a":"O\'Brien"}', { a: "string O'Brien" }],
    ['{"a":"👩‍👧 ß İ \\"q\\" \\\\ \\n"}', { a: 'string 👩‍👧 ß İ "q" \\ \n' }],
    ['{"a":"x\\u0000y"}', { a: 'string x\ufffdy' }],
    ['{"a":"\\ud83d"}', { a: 'string \ufffd' }],
    ['{"a":["\\u0000","\\\\u0000","\\udead"]}', { a: 'string ["\ufffd","\\\\u0000","\ufffd"]' }],
    ['{"a":1.0,"b":-0,"c":1e3}', { a: 'int 1', b: 'int 0', c: 'int 1000' }],
    ['{"a":9007199254740991,"b":-9007199254740991}', { a: 'int 9007199254740991', b: 'int -9007199254740991' }],
    ['{"a":1e308,"b":5e-324}', { a: 'float 1e+308', b: 'float 5e-324' }],
    ['{"a":"2026-13-01","b":"2026-01-02"}', { a: 'string 2026-13-01', b: 'datetime 2026-01-02T00:00:00.000Z' }],
    [
      '{"constructor":1,"toString":2,"hasOwnProperty":3}',
      { constructor: 'int 1', to_string: 'int 2', has_own_property: 'int 3' },
    ],
    ['{"__proto__":{"polluted":1}}', { __proto_polluted: 'int 1' }],
    ['{"order":1,"1a":2}', { _order: 'int 1', _1a: 'int 2' }],
  ])('%s', (properties, expected) => {
    const { columns, discards } = columnsOf(properties)
    expect(columns).toEqual(expected)
    expect(discards).toEqual([])
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  test.each([
    ['{"a":1e999}', ['e.a Infinity: the number is too large']],
    ['{"a":9007199254740993}', [`e.a 9007199254740992: ${ROUNDED}`]],
    ['{"a":-9007199254740993,"b":1e21}', [`e.a -9007199254740992: ${ROUNDED}`]],
    ['{"日本":1}', ['e.日本 1: the name holds no ASCII letter or digit']],
    ['{"a b":1,"a_b":2}', ['e.a_b 1: a later value has the same column name']],
    ['{"a_b":2,"a b":1}', ['e.a_b 1: a later value has the same column name']],
    [
      '{"A":3,"a":1,"á":2}',
      ['e.a 3: a later value has the same column name', 'e.á 2: the name holds no ASCII letter or digit'],
    ],
    [
      `{"${'x'.repeat(70)}2":2,"${'x'.repeat(70)}1":1}`,
      [`e.${'x'.repeat(63)} 1: a later value has the same column name`],
    ],
    [
      `{"${'x'.repeat(500)}2":2,"${'x'.repeat(500)}1":1,"${'x'.repeat(500)}3":3}`,
      [
        `e.${'x'.repeat(63)} 1: a later value has the same column name`,
        `e.${'x'.repeat(63)} 2: a later value has the same column name`,
      ],
    ],
    ['{"a b":1,"a_b":1}', []],
    ['{"a":{"b":1},"a_b":2}', ['e.a_b 1: a later value has the same column name']],
    ['{"id":"mine","user_id":"u"}', ["e.id mine: the column is one of the event's own"]],
    [
      '{"_load":9,"received_at":"never"}',
      ["e._load 9: the column is one of the event's own", "e.received_at never: the column is one of the event's own"],
    ],
    ['[1]', ['e.properties [1]: properties is not an object']],
    ['"text"', ['e.properties text: properties is not an object']],
  ])('%s is in part discarded', (properties, expected) => {
    expect(columnsOf(properties).discards).toEqual(expected)
  })

  test('more columns than a table should get', () => {
    const many = Object.fromEntries(Array.from({ length: 1005 }, (_, index) => [`p${index}`, index]))
    const { columns, discards } = columnsOf(JSON.stringify(many))
    expect(Object.keys(columns)).toHaveLength(1000)
    expect(discards).toHaveLength(5)
    expect(discards[0]).toMatch(/the event has over 1000 columns$/)
  })
})

describe('collisions are settled alike, whatever came before', () => {
  const properties = (row: object) => rowsOf({ type: 'track', userId: 'u', messageId: 'm', event: 'same', ...row })

  test('of two members, the later one wins', () => {
    const result = properties({ properties: { 'z z': 1 }, userProperties: { 'a a': 2, 'z.z': 3 } })
    expect(tablesOf(result).same).toMatchObject({ a_a: 'int 2', z_z: 'int 3' })
    expect(discardsOf(result)).toEqual(['same.z_z 1: a later value has the same column name'])
  })

  test('a path that had the column in another event has no claim in this one', () => {
    properties({ properties: { 'k.k': 1 } })
    expect(tablesOf(properties({ properties: { 'k k': 2 } })).same).toMatchObject({ k_k: 'int 2' })
    const result = properties({ properties: { 'k.k': 1, 'k k': 2, k_k: 3, 'k-k': 4 } })
    expect(tablesOf(result).same).toMatchObject({ k_k: 'int 3' })
    expect(result.discards).toHaveLength(3)
  })

  test('however many names there were', () => {
    for (let n = 0; n < 25; n++) {
      const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`made up ${n} ${index}`, index]))
      expect(tablesOf(properties({ properties: many })).same).toMatchObject({ [`made_up_${n}_999`]: 'int 999' })
    }
    const result = properties({ properties: { 'k.k': 1, 'k k': 2 } })
    expect(tablesOf(result).same).toMatchObject({ k_k: 'int 1' })
    expect(discardsOf(result)).toEqual(['same.k_k 2: a later value has the same column name'])
  })
})

describe('what stays JSON', () => {
  const sent = {
    type: 'track',
    userId: 'u',
    messageId: 'm',
    event: 'e',
    properties: { cart: { items: [{ sku: 'a' }], total: 9.5 }, note: 'x', empty: {}, none: [] },
    context: { extra: { deep: { a: 1 } } },
  }
  const cart = 'json {"items":[{"sku":"a"}],"total":9.5}'

  test.each([[['track.properties.cart']], [[' cart ', '', 'page.properties.note', 'track', 'track.properties']]])(
    'by the settings of the source: %j',
    (paths) => {
      const { e } = tablesOf(rowsOf(sent, sourceShape(paths, false)))
      expect(e).toMatchObject({ cart, note: 'string x', context_extra_deep_a: 'int 1' })
      expect(e).not.toHaveProperty('cart_total')
    },
  )

  test.each([
    { DATA_WAREHOUSE: { options: { jsonPaths: ['track.properties.cart', 'track.context.extra.deep', 7] } } },
    { All: true, POSTGRES: { options: { jsonPaths: 'track.properties.cart, track.context.extra.deep' } } },
    { SNOWFLAKE: { options: { jsonPaths: ['cart'] } }, BQ: { options: { jsonPaths: ['track.context.extra.deep'] } } },
  ])('by the event itself: %j', (integrations) => {
    const tables = tablesOf(rowsOf({ ...sent, integrations }, sourceShape(['note', 'empty', 'none'], false)))
    expect(tables.e).toMatchObject({ cart, note: 'json "x"', context_extra_deep: 'json {"a":1}' })
    expect(tables.tracks).toMatchObject({ context_extra_deep: 'json {"a":1}' })
    expect(Object.keys(tables.e ?? {})).not.toEqual(expect.arrayContaining(['empty', 'none']))
  })

  test.each([
    7,
    'all',
    [],
    { DATA_WAREHOUSE: true },
    { POSTGRES: { options: 3 } },
    { BQ: { options: { jsonPaths: {} } } },
  ])('integrations %j ask for nothing', (integrations) => {
    expect(tablesOf(rowsOf({ ...sent, integrations })).e).toMatchObject({ cart_total: 'float 9.5' })
  })

  test('the whole event, in the table of its type, where the source says so', () => {
    const shape = sourceShape([], true)
    const { tracks, e } = tablesOf(rowsOf(sent, shape))
    expect(JSON.parse(String(tracks?.rudder_event).slice('json '.length))).toMatchObject(sent)
    expect(e).not.toHaveProperty('rudder_event')
    const { identifies, users } = tablesOf(rowsOf({ type: 'identify', userId: 'u', messageId: 'm' }, shape))
    expect(identifies).toHaveProperty('rudder_event')
    expect(users).not.toHaveProperty('rudder_event')
  })
})

describe('a text that a client spread over numbered keys', () => {
  const spread = Object.fromEntries([...'ann'].entries())

  test('in context.traits it is a column', () => {
    const result = rowsOf({ type: 'identify', userId: 'u', messageId: 'm', context: { traits: spread } })
    expect(tablesOf(result).identifies).toEqual({ id: 'string m', user_id: 'string u', context_traits: 'string ann' })
    expect(discardsOf(result)).toEqual([])
  })

  test.each([
    ['group', 'groups'],
    ['identify', 'identifies'],
  ])('as the traits of %s it is in the discards', (type, table) => {
    const result = rowsOf({ type, userId: 'u', messageId: 'm', traits: spread })
    expect(tablesOf(result)[table]).toEqual({ id: 'string m', user_id: 'string u' })
    expect(discardsOf(result)).toEqual([`${table}.traits ann: traits is a text, not an object`])
  })

  test.each([{ 0: 'a', 2: 'b' }, { 0: 'ab' }, { 0: 'a', 1: 7 }, { 0: 'a', x: 'b' }])('%j is none', (traits) => {
    expect(tablesOf(rowsOf({ type: 'group', userId: 'u', traits })).groups).toHaveProperty('_0')
  })
})

describe('discards', () => {
  const of = (event: object) => discardsOf(rowsOf({ userId: 'u', messageId: 'm', ...event }))

  test.each<[object, string[]]>([
    [
      { type: 'track', event: '日本', properties: { a: 1 } },
      ['tracks.properties {"a":1}: the event has no name that makes a table'],
    ],
    [{ type: 'track', properties: {} }, []],
    [{ type: 'track', event: 'e', traits: { a: 1 } }, ['tracks.traits {"a":1}: no column of track events']],
    [{ type: 'page', traits: {} }, []],
    [{ type: 'page', timestamp: 'soon' }, ['pages.timestamp soon: not an ISO date of the years 1 to 9999']],
    [{ type: 'page', anonymousId: ['a'] }, ['pages.anonymous_id ["a"]: an identifier is a string or a number']],
    [{ type: 'page', channel: { a: 1 } }, ['pages.channel {"a":1}: not a text']],
    [{ type: 'page', context: 'web' }, ['pages.context web: context is not an object']],
    [{ type: 'group', groupId: true }, ['groups.group_id true: an identifier is a string or a number']],
    [
      { type: 'identify', traits: { user_id: 'a', _user_id: 'b' } },
      ['identifies._user_id b: a later value has the same column name'],
    ],
  ])('%j', (event, expected) => {
    expect(of(event)).toEqual(expected)
  })
})

describe('whatever is accepted', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '2026-01-02',
      '2026-01-02T10:00:00+05',
      "O'Brien",
      '\ud800',
      '\u0000',
      '🙂',
      'İ',
      '日本',
      'id',
      'user_id',
    ),
  )
  const key = fc.oneof(
    fc.constantFrom('a', 'A', 'a b', 'id', 'name', 'user_id', '_user_id', 'ip', '__proto__', 'event', 'order', '日本'),
    text,
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, tie('scalar'), tie('object'), tie('list')),
    scalar: fc.oneof(text, fc.double(), fc.integer(), fc.boolean(), fc.constant(null)),
    object: fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    list: fc.array(tie('value'), { maxLength: 3 }),
  }))
  const events = fc.record(
    {
      type: fc.constantFrom(...EVENT_TYPES),
      userId: fc.constant('u'),
      messageId: value,
      anonymousId: value,
      event: fc.oneof(text, value),
      name: value,
      mergeProperties: value,
      groupId: value,
      previousId: value,
      channel: value,
      timestamp: value,
      sentAt: value,
      originalTimestamp: value,
      receivedAt: value,
      properties: value,
      traits: value,
      userProperties: value,
      context: value,
    },
    { requiredKeys: ['type', 'userId'] },
  )
  /** As the wire brings it. */
  const wired = (event: object): AcceptedEvent => JSON.parse(JSON.stringify(event))

  test('rows hold only what engines take', () => {
    const name = /^[a-z_][a-z0-9_]{0,62}$/
    const isStorable = (value: string) => value.isWellFormed() && !value.includes('\0')
    fc.assert(
      fc.property(events.map(wired), (event) => {
        const { rows, discards } = rowsOf(event)
        const columns = rows.flatMap(({ values }) => [...values])
        for (const each of [...rows.map(({ table }) => table), ...columns.map(([column]) => column)]) {
          expect(each).toMatch(name)
        }
        for (const [, { type, value }] of columns) {
          if (typeof value === 'string') expect(value).toSatisfy(isStorable)
          if (typeof value === 'number') expect(value).toSatisfy(Number.isFinite)
          if (type === 'int') expect(value).toSatisfy(Number.isSafeInteger)
        }
        for (const { value } of discards) expect(value).toSatisfy(isStorable)
      }),
    )
  })

  test('every value of properties, traits and context is in a row or in the discards', () => {
    fc.assert(
      fc.property(events.map(wired), (event) => {
        const result = rowsOf(event)
        const held = new Set<string>()
        for (const { values } of result.rows) {
          for (const [, { value, text }] of values) held.add(String(text ?? value).replaceAll('\0', '\ufffd'))
        }
        for (const { value } of result.discards) held.add(value)
        const all = [...held].join('\n')
        for (const leaf of leavesOf([event.properties, event.traits, event.userProperties, event.context])) {
          const wanted = leaf.toWellFormed().replaceAll('\0', '\ufffd')
          const quoted = JSON.stringify(wanted).slice(1, -1)
          if (!held.has(wanted) && !all.includes(quoted)) throw new Error(`${JSON.stringify(leaf)} is nowhere`)
        }
      }),
    )
  })

  function leavesOf(value: unknown): string[] {
    if (Array.isArray(value)) return value.flatMap(leavesOf)
    if (isJsonObject(value)) return Object.values(value).flatMap(leavesOf)
    if (value === null || value === undefined || value === '') return []
    return [String(value === 0 ? 0 : value)]
  }
})
