import { builder } from '../builder.ts'

interface Column {
  readonly name: string
  readonly type: string
}

interface Table {
  readonly schema: string
  readonly name: string
  readonly columns: readonly Column[]
}

const ColumnType = builder.objectRef<Column>('Column').implement({
  fields: (t) => ({ name: t.exposeString('name'), type: t.exposeString('type') }),
})

const TableType = builder.objectRef<Table>('Table').implement({
  description: 'A table or view of the warehouse.',
  fields: (t) => ({
    schema: t.exposeString('schema'),
    name: t.exposeString('name'),
    columns: t.field({ type: [ColumnType], resolve: ({ columns }) => [...columns] }),
  }),
})

builder.queryField('tables', (t) =>
  t.field({
    type: [TableType],
    description: 'Tables and views that models and audiences may read.',
    args: { schema: t.arg.string() },
    resolve: async (_root, { schema }, { workspace: { warehouse, names } }) => {
      const tables = await warehouse.columns(schema ?? undefined)
      return [...tables].flatMap(([full, columns]) => {
        const [owner = '', name = ''] = full.split('.', 2)
        if (owner === names.schema('muster')) return []
        return [{ schema: owner, name, columns: [...columns].map(([column, type]) => ({ name: column, type })) }]
      })
    },
  }),
)
