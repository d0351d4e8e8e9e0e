/**
 * Sync: an audience or model sent to a destination.
 *
 * target    one object at one account of a destination, as one sync sees it; each has a ledger of its own
 * fingerprint  what a plan depends on besides rows; a plan made under another one is refused
 */
import { createHash } from 'node:crypto'
import { MusterError } from '../core/errors.ts'
import type { Audience, Destination, Entity, Model, Project, Send } from '../project/index.ts'

export interface Sync {
  /** `audiences.at_risk.facebook_ads` */
  readonly id: string
  /** `audiences.at_risk` */
  readonly definition: string
  readonly schema: string
  readonly name: string
  readonly file: string
  readonly send: Send
  /** Whose the rows are. */
  readonly entity: Entity
  readonly destination: Destination
  readonly allowStale: boolean
  readonly fingerprint: string
}

/** All syncs of a project, in the order of its files. */
export function syncsOf(project: Project): readonly Sync[] {
  return [
    ...project.audiences.flatMap((audience) => sends(project, audience.entity, audience)),
    ...project.models.flatMap((model) => sends(project, model.grain ?? 'user', model)),
  ]
}

/** The syncs a selector names: a definition, a destination, or a whole sync id; all when absent. Throws `usage`. */
export function selectSyncs(syncs: readonly Sync[], selector: string | undefined): readonly Sync[] {
  if (selector === undefined) return syncs
  const wanted = selector.split(/[\s,]+/).filter((word) => word !== '')
  const chosen = syncs.filter(({ id, definition, name, destination }) =>
    wanted.some((word) => [id, definition, name, destination.name].includes(word)),
  )
  if (chosen.length > 0) return chosen
  throw new MusterError('usage', `No sync matches "${selector}".`, {
    hint: syncs.length === 0 ? 'Add `send:` to an audience.' : `There are: ${syncs.map(({ id }) => id).join(', ')}.`,
  })
}

function sends(project: Project, entity: Entity, definition: Audience | Model): readonly Sync[] {
  const { schema } = definition
  return definition.send.flatMap((send) => {
    const destination = project.destinations[send.destination]
    if (!destination) return [] // a problem of the project, reported with its place
    const id = `${schema}.${definition.name}`
    return [
      {
        id: `${id}.${send.destination}`,
        definition: id,
        schema,
        name: definition.name,
        file: definition.file,
        send,
        entity,
        destination,
        allowStale: send.allowStale,
        fingerprint: fingerprint(definition.sql, send, destination),
      },
    ]
  })
}

function fingerprint(sql: string, { line: _line, column: _column, ...send }: Send, destination: Destination): string {
  return createHash('sha256')
    .update(JSON.stringify([sql, send, destination]))
    .digest('hex')
    .slice(0, 16)
}

/** The trait that must be true for a person to be sent; absent when the sync asks for no consent. */
export function consentColumn({ send: { consent } }: Sync): string | undefined {
  return consent === undefined ? undefined : `consent_${consent}`
}
