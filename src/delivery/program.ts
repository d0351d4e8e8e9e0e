/**
 * Program: a manifest with its expressions compiled, so that a mistake shows when the connector is loaded.
 */
import { compileExpression, compileTemplate, type Expression, type Template } from './expressions.ts'
import type { Manifest, Read } from './manifest.ts'

export interface ProgramRequest {
  readonly path: Template
  readonly query: Query
}

type Query = Readonly<Record<string, Expression>>

export interface ProgramCall extends ProgramRequest {
  readonly method: string
  readonly envelope: Expression | undefined
  readonly gone: readonly number[]
  readonly per: 'batch' | 'row'
  readonly read: ProgramRead
}

export type ProgramRead =
  | { readonly kind: 'atomic' }
  | { readonly kind: 'per_row_id'; readonly refused: Expression; readonly acknowledged: Expression | undefined }
  | { readonly kind: 'per_row_index'; readonly refused: Expression }
  | {
      readonly kind: 'counts_only'
      readonly received: Expression
      readonly invalid: Expression
      readonly samples: Expression | undefined
    }

export interface ProgramStep {
  readonly call: ProgramCall
  readonly when: Expression | undefined
  readonly only: string | undefined
}

export interface ProgramSearch extends ProgramRequest {
  readonly given: string
  readonly found: Expression
  readonly next: Expression | undefined
  readonly size: (ProgramRequest & { readonly size: Expression }) | undefined
}

export interface Program {
  /** Parameters of every call. */
  readonly query: Query
  readonly wait: Expression | undefined
  readonly check: ProgramRequest
  readonly find: readonly ProgramSearch[]
  readonly create: ProgramRequest & {
    readonly given: string
    readonly envelope: Expression
    readonly created: Expression
  }
  readonly operations: Readonly<Record<'add' | 'update' | 'remove', readonly ProgramStep[]>>
  readonly errorCodes: Expression
  readonly errorMessage: Expression
}

/** Throws with the text that cannot be read. */
export async function compileManifest(
  manifest: Manifest,
  readEnvelope: (file: string) => Promise<string>,
): Promise<Program> {
  const { object, operations, calls, limits } = manifest
  const compiled = new Map<string, ProgramCall>()
  for (const [name, { method, path, query, envelope, gone, per, read }] of Object.entries(calls)) {
    const body = envelope === undefined ? undefined : compileExpression(await readEnvelope(envelope))
    compiled.set(name, { method, gone, per, envelope: body, read: compileRead(read), ...request({ path, query }) })
  }
  const steps = (list: Manifest['operations']['add']) =>
    list.flatMap(({ call: name, when, only }): ProgramStep[] => {
      const call = compiled.get(name)
      return call ? [{ call, when: optional(when), only }] : []
    })
  return {
    query: queries(manifest.query),
    wait: optional(limits.wait),
    check: request(manifest.check),
    find: object.find.map(compileSearch),
    create: {
      ...request(object.create),
      given: object.create.given,
      envelope: compileExpression(await readEnvelope(object.create.envelope)),
      created: compileExpression(object.create.created),
    },
    operations: { add: steps(operations.add), update: steps(operations.update), remove: steps(operations.remove) },
    errorCodes: compileExpression(manifest.error.codes),
    errorMessage: compileExpression(manifest.error.message),
  }
}

function compileSearch({ given, found, next, size, ...rest }: Manifest['object']['find'][number]): ProgramSearch {
  return {
    ...request(rest),
    given,
    found: compileExpression(found),
    next: optional(next),
    size: size && { ...request(size), size: compileExpression(size.size) },
  }
}

function compileRead(read: Read): ProgramRead {
  switch (read.kind) {
    case 'atomic':
      return read
    case 'per_row_id':
      return { kind: read.kind, refused: compileExpression(read.refused), acknowledged: optional(read.acknowledged) }
    case 'per_row_index':
      return { kind: read.kind, refused: compileExpression(read.refused) }
    case 'counts_only':
      return {
        kind: read.kind,
        received: compileExpression(read.received),
        invalid: compileExpression(read.invalid),
        samples: optional(read.samples),
      }
  }
}

function request({
  path,
  query,
}: {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
}): ProgramRequest {
  return { path: compileTemplate(path), query: queries(query) }
}

function queries(query: Readonly<Record<string, string>>): Query {
  return Object.fromEntries(Object.entries(query).map(([name, text]) => [name, compileExpression(text)]))
}

function optional(text: string | undefined): Expression | undefined {
  return text === undefined ? undefined : compileExpression(text)
}
