import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { MAX_LINE } from './file-lines.ts'
import { type ImportRow, importRows } from './import-rows.ts'

async function fileOf(name: string, text: string | Buffer): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'muster-rows-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  await writeFile(join(dir, name), text)
  return join(dir, name)
}

async function rowsOf(name: string, text: string | Buffer): Promise<Omit<ImportRow, 'bytes'>[]> {
  const rows: Omit<ImportRow, 'bytes'>[] = []
  for await (const { bytes, ...row } of importRows(await fileOf(name, text))) rows.push(row)
  return rows
}

const QUOTES = 'its quotes are wrong'
const FIELDS = 'the row has more or fewer fields than the first line'

test('a CSV row whose quotes are wrong takes no other row along, in the order of lines', async () => {
  const text = '\ufeffa,b\r\n1,2\n"x"y,1\n3,"4 ""four""\r\nmore"\r\n\nz"z,1\n"open,1\n5,\n"ok"d,6\n7\n"","8"'
  expect(await rowsOf('x.csv', text)).toEqual([
    { line: 2, value: { a: '1', b: '2' } },
    { line: 3, reason: QUOTES, text: '"x"y,1' },
    { line: 4, value: { a: '3', b: '4 "four"\r\nmore' } },
    { line: 7, reason: QUOTES, text: 'z"z,1' },
    { line: 8, reason: QUOTES, text: '"open,1' },
    { line: 9, value: { a: '5', b: '' } },
    { line: 10, reason: QUOTES, text: '"ok"d,6' },
    { line: 11, reason: FIELDS, text: '7' },
    { line: 12, value: { a: '', b: '8' } },
  ])
  expect(await rowsOf('empty.csv', '')).toEqual([])
})

test('a quote that is never closed fails the file, by its line', async () => {
  const error = {
    code: 'import_file_unreadable',
    message: expect.stringContaining('line 3: a quote is never closed: "x,1'),
  }
  await expect(rowsOf('x.csv', 'a,b\n1,2\n"x,1\n3,4\n')).rejects.toMatchObject(error)
  await expect(
    rowsOf('x.csv', `a,b\n1,2\n"x,1\n${`${'3'.repeat(1000)},4\n`.repeat(MAX_LINE / 1000)}"`),
  ).rejects.toMatchObject(error)
})

test.each(['x.csv', 'x.ndjson'])('a line that is too long is refused by its beginning: %s', async (name) => {
  const line = name === 'x.csv' ? '1' : '{"a":"1"}'
  const long = 'y'.repeat(3 * MAX_LINE)
  const [first, second, third, ...others] = await rowsOf(
    name,
    `${name === 'x.csv' ? 'a' : line}\n${long}\n${line}\n${line}`,
  )
  const rows = [first, second, third, ...others].filter((row) => row !== undefined && row.line > 1)
  expect(rows).toEqual([
    { line: 2, reason: `the line is longer than ${MAX_LINE} characters`, text: 'y'.repeat(1000) },
    { line: 3, value: { a: '1' } },
    { line: 4, value: { a: '1' } },
  ])
})

test('a file of one endless line is read in linear time', { timeout: 60_000 }, async () => {
  expect(await rowsOf('x.ndjson', 'y'.repeat(64 * 1024 * 1024))).toMatchObject([{ line: 1 }])
})

describe('a packed file', () => {
  const lines = Array.from({ length: 50_000 }, (_, n) => `{"n":${n},"name":"Å${n * 7919}"}\n`).join('')

  test.each([
    ['x.csv', '\ufeffa,b\r\n1,"two\nlines"\n"z"z,1\n3,ü\n'],
    ['x.ndjson', '{"a":1}\n\nno\n{"a":"ü"}'],
    ['x.jsonl', lines],
  ])('has the rows of %s', async (name, text) => {
    const rows = await rowsOf(name, text)
    expect(rows.length).toBeGreaterThan(1)
    expect(await rowsOf(`${name}.gz`, gzipSync(text))).toEqual(rows)
    // As `cat one.gz two.gz` makes it.
    const half = text.indexOf('\n') + 1
    expect(
      await rowsOf(`${name}.GZ`, Buffer.concat([text.slice(0, half), text.slice(half)].map((part) => gzipSync(part)))),
    ).toEqual(rows)
  })

  test('tells how much of it was read by its own bytes', async () => {
    const packed = gzipSync(lines)
    let bytes = 0
    for await (const row of importRows(await fileOf('x.ndjson.gz', packed))) {
      expect(row.bytes).toBeGreaterThanOrEqual(bytes)
      bytes = row.bytes
    }
    expect(bytes).toBe(packed.length)
  })

  test.each([
    ['is cut off', (packed: Buffer) => packed.subarray(0, -20), 'unexpected end of file'],
    [
      'is damaged',
      (packed: Buffer) => Buffer.concat([packed.subarray(0, 5000), packed.subarray(5001)]),
      'cannot be read',
    ],
    ['is not packed', () => Buffer.from(lines), 'incorrect header check'],
  ])('that %s fails, and gives no half row', async (_, damage, why) => {
    const rows: ImportRow[] = []
    const reading = async () => {
      for await (const row of importRows(await fileOf('x.ndjson.gz', damage(gzipSync(lines))))) rows.push(row)
    }
    await expect(reading()).rejects.toMatchObject({
      code: 'import_file_unreadable',
      message: expect.stringContaining(why),
    })
    expect(rows.filter((row) => 'reason' in row)).toEqual([])
  })
})
