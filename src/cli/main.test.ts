import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { packageVersion } from '../core/package-root.ts'
import { main } from './main.ts'

const verbs = join(import.meta.dirname, '../../test/fixtures/verbs')

let out: string
let err: string

beforeEach(() => {
  out = ''
  err = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    out += chunk
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    err += chunk
    return true
  })
})

afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
})

const run = (...args: readonly string[]) => main(args, verbs)

test('a verb runs and ends with 0', async () => {
  expect(await run('greet', 'Ann')).toBe(0)
  expect({ out, err }).toEqual({ out: 'hello Ann\n', err: '' })
})

test.each([[[]], [['--help']], [['help']]])('%j lists all verbs', async (args) => {
  expect(await run(...args)).toBe(0)
  expect(out).toMatch(/greet .*say hello/)
  expect(out).toContain('stop')
})

test('--version prints the version', async () => {
  expect(await run('--version')).toBe(0)
  expect(out).toBe(`${packageVersion()}\n`)
})

test('a verb shows its own help', async () => {
  expect(await run('greet', '--help')).toBe(0)
  expect(out).toContain('Usage: muster greet')
})

test.each([
  [['gret'], "unknown command 'gret'", 'Did you mean greet?'],
  [['greet'], "missing required argument 'name'", 'See --help of the verb.'],
  [['greet', 'Ann', '--jsn'], "unknown option '--jsn'", 'Did you mean --json?'],
  [['stop', 'expectd'], "unknown command 'expectd'", 'Did you mean expected?'],
])('%j is a mistake in the command line', async (args, message, hint) => {
  expect(await run(...args)).toBe(2)
  expect({ out, err }).toEqual({ out: '', err: `error: ${message} [usage]\n  hint: ${hint}\n` })
})

test('an expected failure is one sentence and a hint', async () => {
  expect(await run('stop', 'expected')).toBe(1)
  expect(err).toBe('error: process 42 holds shop/ [project_locked]\n  hint: Stop process 42.\n')
})

test('with --json a failure is one JSON object', async () => {
  expect(await run('stop', 'expected', '--json')).toBe(1)
  const error = { code: 'project_locked', message: 'process 42 holds shop/', hint: 'Stop process 42.' }
  expect(JSON.parse(err)).toEqual({ error })
  expect(err.trimEnd()).not.toContain('\n')
})

test('an unexpected failure is internal; only --debug shows stacks', async () => {
  expect(await run('stop', 'unexpected')).toBe(1)
  expect(err).toMatch(/^error: no such luck \[internal\]\n {2}hint: .*--debug.*\n$/)
  err = ''
  expect(await run('stop', 'unexpected', '--debug')).toBe(1)
  expect(err).toMatch(/stop\.ts:\d+/)
  expect(err).toContain('caused by: Error: the reason')
})

test('a verb may choose its exit code', async () => {
  expect(await run('stop', 'by-exit-code')).toBe(3)
})

test('the program tells a closed pipe from a failure', () => {
  const bin = join(import.meta.dirname, 'bin.ts')
  const { status, stderr } = spawnSync('bash', ['-c', `set -o pipefail; "${process.execPath}" "${bin}" --help | true`])
  expect({ status, stderr: String(stderr) }).toEqual({ status: 0, stderr: '' })
})
