/**
 * Relations and the views that hang on them. Postgres neither retypes a column that a view reads nor drops a table under
 * one, so Muster's own views are dropped and made again around the change.
 *
 * own      a view that carries Muster's mark in its comment; whoever replaces the comment takes the view over
 * foreign  any other view: never dropped
 */
import type { Session } from '../warehouse.ts'
import { postgresDialect } from './dialect.ts'

const { text } = postgresDialect

const MARK = 'Made by Muster, which drops it and makes it again as its tables change.'

export interface Relation {
  readonly oid: number
  /** Quoted, with its schema. */
  readonly name: string
  /** As pg_class says: `r` table, `v` view, `m` materialised view. */
  readonly kind: string
}

interface Dependent extends Relation {
  readonly own: boolean
}

/** A view as it was, with the statements that bring it back. */
export interface KeptView {
  readonly name: string
  readonly statements: readonly string[]
}

export async function findRelation(session: Session, schema: string, name: string): Promise<Relation | undefined> {
  const [found] = await session.query<Relation>(
    `select c.oid, format('%I.%I', n.nspname, c.relname) as name, c.relkind as kind
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'v', 'm', 'p', 'f')`,
    [schema, name],
  )
  return found
}

/** Marks a view as Muster's own. */
export const markView = (name: string): string => `comment on view ${name} is ${text(MARK)}`

/** Views that read a relation, or one column of it, directly or through others; each before those that read it. */
export function dependentsOf(session: Session, { oid }: Relation, column?: string): Promise<readonly Dependent[]> {
  return session.query<Dependent>(
    `with recursive hanging(oid, depth) as (
       select r.ev_class, 1 from pg_depend d join pg_rewrite r on r.oid = d.objid
       where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = $1
         and r.ev_class <> $1 and ($2::text is null or d.refobjsubid =
           (select attnum from pg_attribute where attrelid = $1 and attname = $2))
       union
       select r.ev_class, h.depth + 1 from hanging h
       join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = h.oid
       join pg_rewrite r on r.oid = d.objid where r.ev_class <> h.oid
     )
     select c.oid, format('%I.%I', n.nspname, c.relname) as name, c.relkind as kind,
       c.relkind = 'v' and coalesce(obj_description(c.oid, 'pg_class') = ${text(MARK)}, false) as own
     from (select oid, max(depth) as depth from hanging group by oid) h
     join pg_class c on c.oid = h.oid join pg_namespace n on n.oid = c.relnamespace order by h.depth, name`,
    [oid, column ?? null],
  )
}

/** The statements that give others the rights they have on a relation. */
export async function grantsOn(session: Session, { oid }: Relation): Promise<readonly string[]> {
  const to = `case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end,
    case when a.is_grantable then ' with grant option' else '' end`
  const rows = await session.query<{ statement: string }>(
    `select format('grant %s on %I.%I to %s%s', a.privilege_type, n.nspname, c.relname, ${to}) as statement
     from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a
     where c.oid = $1 and a.grantee <> c.relowner
     union all
     select format('grant %s (%I) on %I.%I to %s%s', a.privilege_type, t.attname, n.nspname, c.relname, ${to})
     from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute t on t.attrelid = c.oid,
       aclexplode(t.attacl) a where c.oid = $1 and not t.attisdropped and a.grantee <> c.relowner`,
    [oid],
  )
  return rows.map(({ statement }) => statement)
}

/** Drops views, given as `dependentsOf` orders them, and gives what brings them back in that order. */
export async function dropViews(session: Session, views: readonly Relation[]): Promise<readonly KeptView[]> {
  const kept: KeptView[] = []
  for (const view of views) {
    const [found] = await session.query<{ definition: string; options: string }>(
      `select pg_get_viewdef(oid) as definition, coalesce('with (' || array_to_string(reloptions, ', ') || ') ', '') as options
       from pg_class where oid = $1`,
      [view.oid],
    )
    const made = `create view ${view.name} ${found?.options ?? ''}as ${found?.definition ?? ''}`
    kept.push({ name: view.name, statements: [made, markView(view.name), ...(await grantsOn(session, view))] })
  }
  for (const { name } of views.toReversed()) await session.run(`drop view ${name}`)
  return kept
}

export async function runAll(session: Session, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await session.run(statement)
}
