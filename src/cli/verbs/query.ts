import { type CommonOptions, withCommonOptions, withOperations } from '../common.ts'
import { formatNumber, printJson, printLine, printTable } from '../print.ts'
import type { Verb } from '../verb.ts'

interface Rows {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly truncated: boolean
}

export const verb: Verb = {
  register: (program) => {
    withCommonOptions(program.command('query'))
      .description('run one SELECT, read-only; names mean what they mean in a model')
      .argument('<sql>')
      .option('--limit <rows>', 'rows to show, at most 10,000', '100')
      .action(query)
  },
}

async function query(sql: string, options: CommonOptions & { limit: string }): Promise<void> {
  const { rows: result } = await withOperations(options, (operations) =>
    operations.execute<{ rows: Rows }>(
      'query ($sql: String!, $limit: Int) { rows(sql: $sql, limit: $limit) { columns { name type } rows truncated } }',
      { sql, limit: Number(options.limit) },
    ),
  )
  if (options.json) return printJson(result.rows)
  const names = result.columns.map(({ name }) => name)
  printTable(
    names,
    result.rows.map((row) => names.map((name) => row[name])),
  )
  printLine(`${formatNumber(result.rows.length)} rows${result.truncated ? '; there are more, see --limit' : ''}`)
}
