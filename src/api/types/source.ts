import { schemaName } from '../../event/index.ts'
import type { Source } from '../../project/index.ts'
import { PRIMARY_TABLES } from '../../warehouse/event-schema.ts'
import { quoted } from '../../warehouse/names.ts'
import { builder } from '../builder.ts'
import type { ApiContext } from '../context.ts'

interface Landed {
  readonly events: number
  readonly latest: Date | null
}

const SourceType = builder.objectRef<Source>('Source').implement({
  description: 'Where events come from; each has a write key.',
  fields: (t) => ({
    name: t.exposeString('name'),
    writeKey: t.exposeString('writeKey', { description: 'What SDKs send; it lets one write events and nothing else.' }),
    events: t.float({
      description: 'Events landed in the warehouse.',
      resolve: async ({ name }, _args, context) => (await landed(context, name)).events,
    }),
    lastReceivedAt: t.field({
      type: 'DateTime',
      nullable: true,
      resolve: async ({ name }, _args, context) => (await landed(context, name)).latest,
    }),
  }),
})

async function landed({ workspace: { warehouse } }: ApiContext, source: string): Promise<Landed> {
  const schema = schemaName(source)
  const tables = await warehouse.columns(schema)
  const arms = PRIMARY_TABLES.filter((table) => tables.has(`${schema}.${table}`)).map(
    (table) => `select count(*) as events, max(received_at) as latest from ${quoted(warehouse.dialect, schema, table)}`,
  )
  if (arms.length === 0) return { events: 0, latest: null }
  const [row] = await warehouse.session((session) =>
    session.query<Landed>(
      `select cast(sum(events) as bigint) as events, max(latest) as latest from (${arms.join(' union all ')}) t`,
    ),
  )
  return row ?? { events: 0, latest: null }
}

builder.queryField('sources', (t) =>
  t.field({
    type: [SourceType],
    resolve: (_root, _args, { workspace }) => Object.values(workspace.definitions.project.sources),
  }),
)
