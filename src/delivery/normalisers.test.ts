import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runs } from '../core/test/patience.ts'
import { openDuckdb } from '../warehouse/duckdb/duckdb-warehouse.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { NORMALISERS, type NormaliserName, normalise, normaliseSql } from './normalisers.ts'

let dir: string
let warehouse: Warehouse

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'muster-normalisers-'))
  warehouse = await openDuckdb({ path: join(dir, 'w.duckdb'), scratch: join(dir, 'scratch'), data: join(dir, 'data') })
})

afterAll(async () => {
  await warehouse[Symbol.asyncDispose]()
  await rm(dir, { recursive: true })
})

async function inWarehouse(
  name: NormaliserName,
  values: readonly (string | null)[],
): Promise<readonly (string | null)[]> {
  return warehouse.session(async (session) => {
    const rows = values.map((value, place) => ({ place, value }))
    const { relation } = await session.stage({ place: 'int', value: 'string' }, rows)
    const sql = normaliseSql(name, warehouse.dialect, '"value"')
    // As hexadecimal, since the driver takes a byte order mark off the front of a text.
    const found = await session.query<{ hex: string | null }>(
      `select hex(${sql}) as hex from ${relation} order by place`,
    )
    return found.map(({ hex }) => (hex === null ? null : Buffer.from(hex, 'hex').toString('utf8')))
  })
}

const AWKWARD = [
  null,
  '',
  '   ',
  "O'Brien",
  'constructor',
  '__proto__',
  'O’Brien',
  ' Foo@Bar.com ',
  "o'brien@example.com",
  '\u00a0ann@x.io\u00a0',
  '\ufeffann@x.io',
  'ANN@X.IO\n',
  'ann@x',
  'ann@@x.io',
  'ann x@x.io',
  'İstanbul@örnek.com',
  'STRASSE@x.de',
  'Straße',
  'ΟΔΟΣ',
  '🦊@x.io',
  'Zoë 🦊',
  "D'Arcy-Jones, Jr.",
  '+1 (650) 555-1212',
  '0049 170 1234567',
  '12',
  '94107-1234',
  '941071234',
  'SW1A 1AA',
  'US',
  'Germany',
  'Female',
  'x\\y',
  'a"b',
]

describe('JavaScript and SQL agree', () => {
  test.each(NORMALISERS)('%s on awkward values', async (name) => {
    const expected = AWKWARD.map((value) => normalise(name, value))
    expect(await inWarehouse(name, AWKWARD)).toEqual(expected)
  })

  test.each(NORMALISERS)('%s on any text', async (name) => {
    const letters = fc.string({ unit: 'grapheme', maxLength: 20 })
    const addresses = fc.tuple(letters, fc.emailAddress(), letters).map((parts) => parts.join(''))
    const blanks = fc.string({ unit: fc.constantFrom(..." \t\n\u00a0\u3000\u200b\ufeff'’-.,aÄß019@"), maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(letters, addresses, blanks), { minLength: 20, maxLength: 100 }),
        async (values) => {
          expect(await inWarehouse(name, values)).toEqual(values.map((value) => normalise(name, value)))
        },
      ),
      { numRuns: runs(10) },
    )
  })

  test('lower case of every letter of the scripts in use', async () => {
    const letters = Array.from({ length: 0x2c00 }, (_, code) => code + 1)
      .filter((code) => code < 0x1c89 || code > 0x1c8a) // newer than the engine's Unicode
      .map((code) => `x${String.fromCodePoint(code)}x`)
    expect(await inWarehouse('text', letters)).toEqual(letters.map((letter) => normalise('text', letter)))
    expect(await inWarehouse('name', letters)).toEqual(letters.map((letter) => normalise('name', letter)))
  })
})

describe('values', () => {
  test.each<[NormaliserName, string, string | null]>([
    ['email', ' Foo@Bar.com ', 'foo@bar.com'],
    ['email', "O'Brien@Example.com", "o'brien@example.com"],
    ['email', 'İz@x.io', 'iz@x.io'],
    ['email', 'not an address', null],
    ['phone', '+1 (650) 555-1212', '16505551212'],
    ['phone', '0049 170 1234567', '491701234567'],
    ['phone', '12', null],
    ['name', "O'Connor", 'oconnor'],
    ['name', 'Valéry', 'valéry'],
    ['name', 'Mary Ann', 'mary ann'],
    ['place', 'New York', 'newyork'],
    ['postcode', '94107-1234', '94107'],
    ['postcode', 'SW1A 1AA', 'sw1a1aa'],
    ['country', 'US', 'us'],
    ['country', 'Germany', null],
    ['gender', 'Female', 'f'],
    ['text', '\u00a0Ann\u3000', 'Ann'],
    ['text', ' \n ', null],
  ])('%s of %j is %j', (name, value, expected) => {
    expect(normalise(name, value)).toBe(expected)
  })
})
