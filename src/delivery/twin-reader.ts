/**
 * Looks into a running twin over HTTP.
 */
import type { TwinMember } from './twin.ts'
import type { TwinState } from './twin-page.ts'

export async function twinState(url: string): Promise<TwinState> {
  return (await (await fetch(`${url}/__twin/state`)).json()) as TwinState // the kit's own answer
}

/** Members of an object by id, or all contacts the twin holds. */
export async function twinMembers(url: string, object?: string): Promise<readonly TwinMember[]> {
  const query = object === undefined ? '' : `?object=${encodeURIComponent(object)}`
  const { members } = (await (await fetch(`${url}/__twin/members${query}`)).json()) as {
    members: readonly TwinMember[]
  } // likewise
  return members
}
