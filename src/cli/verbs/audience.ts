import { MusterError } from '../../core/errors.ts'
import { type Entity, TRAIT_TABLES } from '../../project/index.ts'
import type { Operations } from '../../server/index.ts'
import { type CommonOptions, withCommonOptions, withOperations } from '../common.ts'
import { printJson, printLine, printTable } from '../print.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  register: (program) => {
    const group = program.command('audience').description('look at audiences')
    withCommonOptions(group.command('list')).description('all audiences with their sizes').action(list)
    withCommonOptions(group.command('sql').argument('<name>')).description('the SQL of an audience').action(sql)
    withCommonOptions(group.command('preview').argument('<name>'))
      .description('what the SQL gives now, without recording anything')
      .option('--limit <rows>', 'rows to show', '20')
      .action(preview)
    withCommonOptions(group.command('members').argument('<name>'))
      .description('present members with their traits')
      .option('--limit <members>', 'members to show', '50')
      .option('--after <id>', 'start after this profile or account id', '0')
      .action(members)
    withCommonOptions(group.command('history').argument('<name>'))
      .description('sizes by run, newest first')
      .action(history)
  },
}

async function list(options: CommonOptions): Promise<void> {
  interface Listed {
    readonly name: string
    readonly size: number | null
    readonly stale: string | null
    readonly description: string
    readonly send: readonly { readonly destination: string }[]
  }
  const { audiences } = await ask<{ audiences: Listed[] }>(
    options,
    '{ audiences { name size stale description send { destination } } }',
  )
  if (options.json) return printJson(audiences)
  printTable(
    ['audience', 'members', 'sent to', 'state', 'description'],
    audiences.map(({ name, size, send, stale, description }) => [
      name,
      size,
      send.map(({ destination }) => destination).join(', '),
      stale ?? (size === null ? 'not built yet' : 'fresh'),
      description,
    ]),
  )
}

async function sql(name: string, options: CommonOptions): Promise<void> {
  const { sql: text, file } = await one<{ sql: string; file: string }>(options, name, 'sql file')
  if (options.json) return printJson({ file, sql: text })
  printLine(text.trimEnd())
}

async function preview(name: string, options: CommonOptions & { limit: string }): Promise<void> {
  await withOperations(options, async (operations) => {
    const { sql: text } = await find<{ sql: string }>(operations, name, 'sql')
    const { rows } = await operations.execute<{
      rows: { columns: { name: string }[]; rows: Record<string, unknown>[]; truncated: boolean }
    }>('query ($sql: String!, $limit: Int) { rows(sql: $sql, limit: $limit) { columns { name } rows truncated } }', {
      sql: text,
      limit: Number(options.limit),
    })
    if (options.json) return printJson(rows.rows)
    const names = rows.columns.map((column) => column.name)
    printTable(
      names,
      rows.rows.map((row) => names.map((column) => row[column])),
    )
    printLine(rows.truncated ? `the first ${rows.rows.length}; there are more` : `${rows.rows.length} rows`)
  })
}

/** Traits by which people know who it is. */
const SHOWN: Readonly<Record<Entity, readonly string[]>> = { user: ['user_id', 'email'], account: ['group_id'] }

async function members(name: string, options: CommonOptions & { limit: string; after: string }): Promise<void> {
  interface Member {
    readonly id: number
    readonly traits: Readonly<Record<string, unknown>>
  }
  const fields = `entity members(first: ${Number(options.limit)}, after: ${Number(options.after)}) { id traits }`
  const { entity, members: found } = await one<{ entity: Entity; members: readonly Member[] }>(options, name, fields)
  if (options.json) return printJson(found)
  const shown = SHOWN[entity]
  printTable(
    [TRAIT_TABLES[entity].one, ...shown, 'last seen'],
    found.map(({ id, traits }) => [String(id), ...shown.map((column) => traits[column]), traits.last_seen]),
  )
}

async function history(name: string, options: CommonOptions): Promise<void> {
  interface Size {
    readonly run: number
    readonly asOf: string
    readonly members: number
    readonly entered: number
    readonly left: number
  }
  const { history: sizes } = await one<{ history: readonly Size[] }>(
    options,
    name,
    'history { run asOf members entered left }',
  )
  if (options.json) return printJson(sizes)
  printTable(
    ['run', 'as of', 'members', 'entered', 'left'],
    sizes.map((size) => [size.run, size.asOf, size.members, size.entered, size.left]),
  )
}

function ask<T>(options: CommonOptions, query: string): Promise<T> {
  return withOperations(options, (operations) => operations.execute<T>(query))
}

function one<T>(options: CommonOptions, name: string, fields: string): Promise<T> {
  return withOperations(options, (operations) => find<T>(operations, name, fields))
}

async function find<T>(operations: Operations, name: string, fields: string): Promise<T> {
  const { audience, audiences } = await operations.execute<{ audience: T | null; audiences: { name: string }[] }>(
    `query ($name: String!) { audience(name: $name) { ${fields} } audiences { name } }`,
    { name },
  )
  if (audience) return audience
  throw new MusterError('not_found', `There is no audience "${name}".`, {
    hint: `There are: ${audiences.map((each) => each.name).join(', ')}.`,
  })
}
