import Table from 'cli-table3'
import colors from 'picocolors'

export function printLine(text = ''): void {
  process.stdout.write(`${text}\n`)
}

export function printJson(value: unknown): void {
  printLine(JSON.stringify(value, null, 2))
}

/** Rows under headings; numbers to the right. */
export function printTable(headings: readonly string[], rows: readonly (readonly unknown[])[]): void {
  const numeric = headings.map(
    (_, index) => rows.length > 0 && rows.every((row) => row[index] == null || typeof row[index] === 'number'),
  )
  const table = new Table({
    head: headings.map((heading) => colors.bold(heading)),
    colAligns: numeric.map((right) => (right ? 'right' : 'left')),
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 2 },
    chars: BORDERLESS,
  })
  for (const row of rows) table.push(row.map(cell))
  printLine(table.toString())
}

const BORDERLESS = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
    'middle',
  ].map((part) => [part, '']),
)

function cell(value: unknown): string {
  if (value === null || value === undefined) return colors.dim('–')
  if (typeof value === 'number') return formatNumber(value)
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

export function formatNumber(value: number): string {
  return value.toLocaleString('en')
}

/** A state in its colour. */
export function formatState(state: string): string {
  if (['failed', 'unreachable', 'interrupted'].includes(state)) return colors.red(state)
  if (['stopped', 'stale', 'skipped', 'in_doubt'].includes(state)) return colors.yellow(state)
  return ['done', 'applied', 'ready'].includes(state) ? colors.green(state) : state
}
