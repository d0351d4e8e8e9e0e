import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'

export const root = join(import.meta.dirname, '..')

/** One program that has to end with 0. */
export interface Step {
  readonly title: string
  readonly command: string
  readonly args: readonly string[]
}

/** What a change must pass before its tests are worth running. */
export const checks: readonly Step[] = [
  { title: 'format, lint, boundaries', command: 'biome', args: ['check', '--error-on-warnings'] },
  { title: 'types', command: 'tsc', args: ['--noEmit'] },
  { title: 'dead code', command: 'knip', args: [] },
  { title: 'boundaries are generated', command: 'node', args: ['scripts/boundaries.ts', '--check'] },
  { title: 'docs are generated', command: 'node', args: ['scripts/docs.ts', '--check'] },
]

/** Runs all of `steps`, one after the other, and returns those that failed. */
export async function failedOf(steps: readonly Step[]): Promise<readonly Step[]> {
  const failed: Step[] = []
  for (const step of steps) {
    const started = performance.now()
    const code = await run(step)
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${step.title} (${seconds} s)`)
    if (code !== 0) failed.push(step)
  }
  return failed
}

/** Runs a step in the repository, with its own tools first, and returns its exit code; 1 when a signal ended it. */
export function run({ command, args }: Step, env: NodeJS.ProcessEnv = process.env): Promise<number> {
  return new Promise((resolve, reject) => {
    const PATH = [join(root, 'node_modules/.bin'), env.PATH].join(delimiter)
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', env: { ...env, PATH } })
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}
