import type { Fate, LiveEvent } from './live-event.ts'

/** What a feed shows; an absent member lets everything through. */
export interface LiveFilter {
  readonly source?: string | undefined
  readonly type?: string | undefined
  readonly event?: string | undefined
  readonly fate?: Fate | undefined
}

const MEMBERS = ['source', 'type', 'event', 'fate'] as const satisfies readonly (keyof LiveFilter)[]

/** Whether an event passes; undefined when everything does, so that nothing need be decoded to know. */
export type Passes = ((event: LiveEvent) => boolean) | undefined

export function compileFilter(filter: LiveFilter): Passes {
  const wanted = MEMBERS.filter((member) => filter[member] !== undefined)
  return wanted.length === 0 ? undefined : (event) => wanted.every((member) => event[member] === filter[member])
}
