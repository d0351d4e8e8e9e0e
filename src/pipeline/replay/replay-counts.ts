import { schemaName } from '../../event/index.ts'
import type { Loadable } from '../../warehouse/load-events.ts'
import type { Standing } from '../../warehouse/standing.ts'
import type { ReplayCount } from './replay-record.ts'

/** Names beyond so many are counted together. */
const MAX_NAMES = 5000
const OTHERS = '(others)'

/** The counts of a dry run, as text, with a batch added: by source and name, the most frequent first. */
export function countEvents(text: string, events: readonly Loadable[], standings: readonly Standing[]): string {
  const counts = new Map(readCounts(text).map((count) => [keyOf(count.source, count.event), count]))
  for (const [index, event] of events.entries()) {
    const standing = standings[index]
    const own = nameOf(event)
    const name = counts.has(keyOf(event.source, own)) || counts.size < MAX_NAMES ? own : OTHERS
    const key = keyOf(event.source, name)
    const before = counts.get(key) ?? { source: event.source, event: name, events: 0, present: 0, partial: 0 }
    counts.set(key, {
      ...before,
      events: before.events + 1,
      present: before.present + (standing === 'missing' ? 0 : 1),
      partial: before.partial + (standing === 'partial' ? 1 : 0),
    })
  }
  return JSON.stringify([...counts.values()].sort((a, b) => b.events - a.events))
}

export function readCounts(text: string): readonly ReplayCount[] {
  return text === '' ? [] : JSON.parse(text) // as `countEvents` wrote it
}

function keyOf(source: string, event: string): string {
  return `${schemaName(source)} ${event}`
}

/** The name of a track event as it was sent; else the table of its type. */
function nameOf({ rows }: Loadable): string {
  const text = rows[0]?.values.get('event_text')?.value
  return typeof text === 'string' ? text : (rows[0]?.table ?? '')
}
