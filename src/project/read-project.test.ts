// biome-ignore-all lint/suspicious/noTemplateCurlyInString: such texts are what is read here
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatProblem } from '../core/problems.ts'
import { runs } from '../core/test/patience.ts'
import { readProject, requireProject } from './index.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'muster-project-'))
})
afterEach(() => rm(root, { recursive: true }))

async function write(files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true })
    await writeFile(join(root, file), content)
  }
}

async function problemsOf(
  files: Readonly<Record<string, string | Buffer>>,
  variables = {},
): Promise<readonly string[]> {
  await write({ 'muster.yaml': 'version: 1\n', ...files })
  return (await readProject(root, { variables })).problems.map(formatProblem)
}

describe('where there is no project', () => {
  it('says so for an empty folder, a missing one and a file', async () => {
    await write({ file: '' })
    for (const dir of [root, join(root, 'nothing'), join(root, 'file')]) {
      await expect(readProject(dir, { variables: {} })).rejects.toMatchObject({ code: 'project_not_found' })
    }
  })
})

describe('requireProject', () => {
  it('throws every problem on a line of its own', async () => {
    await write({ 'muster.yaml': 'version: 1\ncolour: red\n', 'models/a.sql': '' })
    const error: unknown = await requireProject(root, { variables: {} }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'project_invalid' })
    expect(String(error).split('\n')).toHaveLength(2)
  })

  it('gives a project that has only warnings', async () => {
    await write({ 'muster.yaml': 'version: 1\n', 'models/notes.txt': '' })
    expect(await requireProject(root, { variables: {} })).toMatchObject({ root, env: 'dev', prefix: '' })
  })
})

describe('bytes', () => {
  it('reads CRLF and a byte order mark, at the same places', async () => {
    const problems = await problemsOf({
      'muster.yaml': '\uFEFFversion: 1\r\nsources:\r\n  web: { writekey: ${K} }\r\n',
      'models/a.sql': '\uFEFF/* ---\r\ndescription: a\r\nmaterialise: view\r\n--- */\r\nselect 1\r\n',
    })
    expect(problems).toEqual([
      'models/a.sql:3:1 error: unknown key `materialise` (did you mean `materialize`?)',
      'muster.yaml:3:3 error: `write_key` is missing in `sources.web`',
      'muster.yaml:3:10 error: unknown key `writekey` (did you mean `write_key`?)',
      expect.stringMatching(/^muster.yaml:3:20 error: environment variable `K` has no value/),
    ])
  })

  it('leaves the byte order mark out of the SQL', async () => {
    await write({ 'muster.yaml': 'version: 1', 'models/a.sql': '\uFEFFselect 1' })
    expect((await requireProject(root, { variables: {} })).models[0]?.sql).toBe('select 1')
  })

  it('says where a file is not UTF-8', async () => {
    const bom = Buffer.from([0xef, 0xbb, 0xbf])
    const problems = await problemsOf({
      'models/a.sql': Buffer.concat([Buffer.from('-- é \uFFFD\nselect '), Buffer.from([0xe9]), Buffer.from(' x')]),
      'models/b.sql': Buffer.concat([bom, Buffer.from('x'), Buffer.from([0xff])]),
      'models/c.sql': Buffer.from('select\n 1 as x', 'utf16le'),
      'models/d.sql': Buffer.from([0x0a, 0xc3]),
    })
    expect(problems.map((line) => line.split(' ', 1)[0])).toEqual([
      'models/a.sql:2:8',
      'models/b.sql:1:2',
      'models/c.sql:1:2',
      'models/d.sql:2:1',
    ])
  })
})

describe('files that cannot be read', () => {
  it('are problems', async () => {
    await write({ 'muster.yaml/x': '', models: '', 'audiences/a.sql/x': '' })
    await symlink('nowhere', join(root, 'audiences', 'b.sql'))
    await symlink('c.sql', join(root, 'audiences', 'c.sql'))
    expect((await readProject(root, { variables: {} })).problems.map(formatProblem)).toEqual([
      'audiences/a.sql:1:1 error: audiences have no folders (move its files to audiences/)',
      'audiences/b.sql:1:1 error: audiences/b.sql cannot be read: it does not exist, or is a link to nothing',
      'audiences/c.sql:1:1 error: audiences/c.sql cannot be read: it is a link to itself',
      'models:1:1 error: models cannot be read: it is a file, not a folder',
      'muster.yaml:1:1 error: muster.yaml cannot be read: it is a folder',
    ])
  })
})

describe('anything at all', () => {
  const yaml = fc.array(
    fc.oneof(
      fc.constantFrom(
        ...['version: 1\n', 'sources:', 'send:', 'web', ': ', '\n', '\r\n', '  ', '\t', '- ', '{', '}', '[', ']', ','],
        ...['"', "'", '&a ', '*a', '!!x ', '|\n', '>', '#', '---\n', '? ', '${S}', '$${', '${', '<<: ', 'null', '1e9'],
        ...['destinations:\n  ads: { connector: x, settings: { a: ${S} } }\n', 'environments:\n  dev: ', '__proto__: '],
        ...[
          'timezone: ',
          'warehouse:\n  ',
          'path: ',
          'threads: ',
          'source_tables:\n  a.b: { file: x.csv }\n',
          '/*',
          '*/',
        ],
      ),
      fc.string({ maxLength: 6, unit: 'binary' }),
    ),
    { maxLength: 20 },
  )
  const text = yaml.map((parts) => parts.join(''))

  it('is read without a throw, and without telling a secret', async () => {
    await mkdir(join(root, 'models'))
    await mkdir(join(root, 'audiences'))
    const secret = 'tr0ub4dor'
    await fc.assert(
      fc.asyncProperty(text, text, fc.boolean(), async (muster, sql, framed) => {
        await write({
          'muster.yaml': muster,
          'models/a.sql': framed ? `/* ---\n${sql}\n--- */ select 1` : sql,
          'audiences/a.sql': `/* ---\n${muster}\n--- */ select 1`,
        })
        const { project, problems } = await readProject(root, { variables: { S: secret } })
        expect(project === undefined).toBe(problems.some(({ severity }) => severity === 'error'))
        expect(problems.map(formatProblem).join('\n')).not.toContain(secret)
        for (const { line, column } of problems) expect(Math.min(line, column)).toBeGreaterThanOrEqual(1)
      }),
      { numRuns: runs(150) },
    )
  })

  it.each([21, 500, 2_000, 20_000])('is a problem when it is nested %i deep', async (depth) => {
    const flow = `send: ${'['.repeat(depth)}${']'.repeat(depth)}`
    const block = `send: \n${'- '.repeat(depth)}x`
    for (const yaml of [flow, block, 'a: {'.repeat(depth) + '}'.repeat(depth)]) {
      const problems = await problemsOf({ 'models/a.sql': `/* ---\n${yaml}\n--- */ select 1` })
      expect(problems.join('\n')).toContain('nested')
    }
  })
})
