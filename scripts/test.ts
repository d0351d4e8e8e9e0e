import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checks, failedOf, run } from './steps.ts'

/** Passed and failed things: a check counts as one, a test as one, a file that does not load as one failed. */
interface Tally {
  readonly passed: number
  readonly failed: number
}

/** The part of vitest's JSON report that counts. */
interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[]
}

async function runChecks(): Promise<Tally> {
  const failed = (await failedOf(checks)).length
  return { passed: checks.length - failed, failed }
}

async function runVitest(args: readonly string[]): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-test-'))
  const file = join(folder, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const code = await run({ title: 'tests', command: 'vitest', args: ['run', ...reporters, ...args] })
  const tally = existsSync(file) ? tallyOf(JSON.parse(readFileSync(file, 'utf8'))) : { passed: 0, failed: 0 }
  rmSync(folder, { recursive: true })
  // Vitest also fails without a failed test: on an unhandled rejection, or when nothing matched.
  return code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally
}

function tallyOf({ numPassedTests, numFailedTests, testResults }: Report): Tally {
  const unloaded = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  )
  return { passed: numPassedTests, failed: numFailedTests + unloaded.length }
}

const checked = await runChecks()
const tested = await runVitest(process.argv.slice(2))
const failed = checked.failed + tested.failed
if (failed > 0) process.exitCode = 1
console.log(`${checked.passed + tested.passed} passed, ${failed} failed`)
