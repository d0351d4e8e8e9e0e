import { MusterError } from '../../core/errors.ts'
import { formatProblem, hasErrors } from '../../core/problems.ts'
import { eventTables } from '../../identity/index.ts'
import { parseSelect, rewriteSelect } from '../../modeling/index.ts'
import { scopeOf, type Workspace } from '../../run/index.ts'
import type { UserQueryResult } from '../../warehouse/warehouse.ts'
import { builder } from '../builder.ts'

const MAX_ROWS = 10_000
const TIMEOUT_MS = 60_000

const RowsColumn = builder.objectRef<UserQueryResult['columns'][number]>('RowsColumn').implement({
  fields: (t) => ({ name: t.exposeString('name'), type: t.exposeString('type') }),
})

const RowsType = builder.objectRef<UserQueryResult>('Rows').implement({
  description: 'What a query gives.',
  fields: (t) => ({
    columns: t.field({ type: [RowsColumn], resolve: ({ columns }) => [...columns] }),
    rows: t.field({ type: ['JSON'], description: 'One object a row.', resolve: ({ rows }) => [...rows] }),
    truncated: t.exposeBoolean('truncated', { description: 'There are more rows than the limit.' }),
  }),
})

/** Runs a user's SELECT over the tables as they are; names mean what they mean in a model. Throws `sql_invalid`. */
async function userRows(workspace: Workspace, sql: string, limit: number): Promise<UserQueryResult> {
  const { warehouse, names, definitions, effects, landing } = workspace
  const { engine } = warehouse.dialect
  const { select, problems } = parseSelect(sql, { file: 'query', dialect: engine })
  if (!select || hasErrors(problems)) {
    throw new MusterError('sql_invalid', problems.map(formatProblem).join('\n'))
  }
  const { project } = definitions
  const events = new Set(eventTables(Object.keys(project.sources), await warehouse.columns()))
  const window = { asOf: effects.now(), load: await landing.watermark() }
  const table = scopeOf({ project, dialect: warehouse.dialect, names, target: names, window, events })
  const rewritten = rewriteSelect(sql, select, {
    asOf: window.asOf,
    from: engine,
    to: engine,
    timezone: project.timezone,
    table,
  })
  return warehouse.userQuery(rewritten, { maxRows: Math.min(limit, MAX_ROWS), timeoutMs: TIMEOUT_MS })
}

builder.queryField('rows', (t) =>
  t.field({
    type: RowsType,
    description:
      'Runs one SELECT, read-only; names mean what they mean in a model. At most 10,000 rows and 60 seconds.',
    args: { sql: t.arg.string({ required: true }), limit: t.arg.int({ defaultValue: 100 }) },
    resolve: (_root, { sql, limit }, { workspace }) => userRows(workspace, sql, limit ?? 100),
  }),
)
