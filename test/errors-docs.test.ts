import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { page } from '../scripts/docs/errors.ts'
import { catalogue } from '../src/core/errors.ts'

const root = join(import.meta.dirname, '..')
const codes = Object.keys(catalogue)
const sources = ['src', 'connectors'].flatMap(readSources)

interface Source {
  readonly file: string
  readonly text: string
}

test('docs/errors.md says what the catalogue says', async () => {
  expect(readFileSync(join(root, page.file), 'utf8')).toBe(await page.text())
})

test('docs/errors.md has a section for every code', () => {
  const text = readFileSync(join(root, page.file), 'utf8')
  const sections = [...text.matchAll(/^## (\S+)$/gm)].map(([, code]) => code)
  expect(sections.toSorted()).toEqual(codes.toSorted())
})

test('every code thrown is in the catalogue', () => {
  const thrown = sources.flatMap(({ file, text }) => thrownCodes(text).map((code) => ({ file, code })))
  expect(thrown.length).toBeGreaterThan(10)
  expect(thrown.filter(({ code }) => !codes.includes(code))).toEqual([])
})

test.each(codes)('%s is used', (code) => {
  expect(sources.filter(({ text }) => text.includes(`'${code}'`)).length).toBeGreaterThan(0)
})

describe.each(Object.entries(catalogue))('%s', (code, { title, remedy }) => {
  test('is written as the others are', () => {
    expect(code).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/)
    expect(title).toMatch(/^[A-Z].*\.$/)
    expect(remedy).toMatch(/^[A-Z].*[.)]$/)
  })
})

function thrownCodes(text: string): readonly string[] {
  return [...text.matchAll(/new MusterError\(\s*'([^']+)'/g)].flatMap(([, code]) => code ?? [])
}

/** The code of a folder without its tests and the catalogue itself. */
function readSources(folder: string): readonly Source[] {
  const place = join(root, folder)
  if (!existsSync(place)) return []
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => path !== join(root, 'src/core/errors.ts'))
    .map((path) => ({ file: relative(root, path), text: readFileSync(path, 'utf8') }))
}
