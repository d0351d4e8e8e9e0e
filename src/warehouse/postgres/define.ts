import { MusterError } from '../../core/errors.ts'
import type { Session } from '../warehouse.ts'
import { FEATURE_NOT_SUPPORTED, sqlStateOf } from './failure.ts'
import { refusal } from './patience.ts'
import { dependentsOf, dropViews, findRelation, runAll } from './relation.ts'

const NAME = '"((?:[^"]|"")+)"'
/** As `retypings` writes it. */
const RETYPING = new RegExp(`^alter table ${NAME}\\.${NAME} alter column ${NAME} type `)

/** Runs a change of tables. Throws `column_in_use` where a view that is not Muster's reads a column to be retyped. */
export async function change(session: Session, statement: string): Promise<void> {
  const retyping = RETYPING.exec(statement)
  if (!retyping) {
    await session.run(statement)
    return
  }
  const [schema = '', table = '', column = ''] = retyping.slice(1).map((name) => name.replaceAll('""', '"'))
  const place = `${schema}.${table}.${column}`
  const relation = await findRelation(session, schema, table)
  const views = relation ? await dependentsOf(session, relation, column) : []
  const foreign = views.find(({ own }) => !own)
  if (foreign) throw new MusterError('column_in_use', `The view ${foreign.name} reads ${place}.`)
  const kept = await dropViews(session, views)
  const refused = await refusal(session, () => session.run(statement).then(() => {}))
  if (refused) {
    if (sqlStateOf(refused) !== FEATURE_NOT_SUPPORTED) throw refused
    throw new MusterError('column_in_use', `${place} cannot change: ${refused.message}`, { cause: refused })
  }
  for (const { name, statements } of kept) {
    const cause = await refusal(session, () => runAll(session, statements))
    if (!cause) continue
    const message = `The view ${name} reads ${place} and does not bear the new type: ${cause.message}`
    throw new MusterError('column_in_use', message, { cause })
  }
}
