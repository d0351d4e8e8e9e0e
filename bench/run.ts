import { readdirSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type { Bench, Check, Outcome } from './bench.ts'

const USAGE = 'Usage: npm run -s bench -- NAME [--scale X] [--json]'
const GIB = 2 ** 30

/** The figures of one run, with where they were measured. */
interface Report extends Outcome {
  readonly name: string
  readonly machine: string
}

const helpers = new Set(['run.ts', 'bench.ts'])

async function main(args: readonly string[]): Promise<number> {
  const options = { json: { type: 'boolean' }, scale: { type: 'string', default: '1' } } as const
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  const benches = await loadBenches()
  const bench = benches.find(({ name }) => name === positionals[0])
  const scale = Number(values.scale)
  if (!bench || !(scale > 0)) {
    console.error([USAGE, ...benches.map(({ name, description }) => `  ${name}: ${description}`)].join('\n'))
    return 2
  }
  const report = await measure(bench, scale)
  console.log(values.json ? JSON.stringify(report) : formatReport(report))
  return report.checks.every(({ ok }) => ok) ? 0 : 1
}

/** Each file of bench/ is a benchmark, named for it, but those that run them. */
async function loadBenches(): Promise<readonly Bench[]> {
  const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.ts') && !helpers.has(file))
  const modules: readonly { bench?: Bench }[] = await Promise.all(
    files.sort().map((file) => import(pathToFileURL(join(import.meta.dirname, file)).href)),
  )
  return modules.flatMap(({ bench }) => bench ?? [])
}

async function measure({ name, run }: Bench, scale: number): Promise<Report> {
  const { figures, checks } = await run({ scale })
  const peak = Math.round(process.resourceUsage().maxRSS / 1024)
  return { name, machine: machine(), figures: { ...figures, scale, 'peak memory (MiB)': peak }, checks }
}

function machine(): string {
  const [first, ...others] = cpus()
  const memory = (totalmem() / GIB).toFixed(1)
  return `${others.length + 1} x ${first?.model.trim() ?? 'unknown'}, ${memory} GiB, ${process.platform}, Node ${process.version}`
}

function formatReport({ name, machine, figures, checks }: Report): string {
  const width = Math.max(...Object.keys(figures).map((figure) => figure.length))
  const lines = Object.entries(figures).map(([figure, value]) => `  ${figure.padEnd(width)}  ${formatValue(value)}`)
  return [`${name} on ${machine}`, ...lines, ...checks.map(formatCheck)].join('\n')
}

function formatCheck({ name, value, target, ok }: Check): string {
  return `${ok ? 'ok    ' : 'FAILED'} ${name}: ${formatValue(value)} (target ${target})`
}

function formatValue(value: number | string): string {
  return typeof value === 'string' ? value : value.toLocaleString('en', { maximumFractionDigits: 3 })
}

process.exitCode = await main(process.argv.slice(2))
