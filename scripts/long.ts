import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './steps.ts'

const folder = join(root, 'test/long')

/** The programs of test/long, and `properties`: the whole suite with every property run 50 times as often. */
function names(): readonly string[] {
  const files = existsSync(folder) ? readdirSync(folder) : []
  return ['properties', ...files.filter((file) => file.endsWith('.ts')).map((file) => file.slice(0, -3))]
}

function runLong(name: string, args: readonly string[]): Promise<number> {
  const env = { ...process.env, MUSTER_LONG: name }
  if (name === 'properties') return run({ title: name, command: 'vitest', args: ['run', ...args] }, env)
  return run({ title: name, command: 'node', args: [join(folder, `${name}.ts`), ...args] }, env)
}

const [name, ...args] = process.argv.slice(2)
if (name !== undefined && names().includes(name)) {
  process.exitCode = await runLong(name, args)
} else {
  console.error(`Usage: npm run long -- NAME, where NAME is one of: ${names().join(', ')}`)
  process.exitCode = 2
}
