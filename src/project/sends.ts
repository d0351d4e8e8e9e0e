import type { SendSettings } from './front-matter.ts'
import type { Send } from './project.ts'
import { problem, type Report } from './report.ts'
import { suggest } from './suggest.ts'
import type { YamlTree } from './yaml-tree.ts'

/** The entries of a definition's `send:`, each to a destination of the project. */
export function readSends(
  send: Readonly<Record<string, SendSettings | null>>,
  tree: YamlTree,
  destinations: readonly string[] | undefined,
  report: Report,
): readonly Send[] {
  return Object.entries(send).map(([destination, settings]) => {
    const place = tree.keyPlace(['send', destination])
    if (destinations && !destinations.includes(destination)) {
      const hint = suggest(destination, destinations) || 'add it to `destinations:` in muster.yaml'
      report(problem('unknown_destination', place, `muster.yaml has no destination \`${destination}\``, hint))
    }
    return { ...place, destination, ...normalise(settings ?? {}) }
  })
}

function normalise(settings: SendSettings): Omit<Send, 'destination' | 'file' | 'line' | 'column'> {
  const { mode = 'mirror', mapping = {}, consent, allow_stale = false, guards = {}, ...options } = settings
  const { max_removed_percent = 30, max_removed, allow_empty = false } = guards
  return {
    mode,
    mapping,
    options,
    ...(consent === undefined ? {} : { consent }),
    allowStale: allow_stale,
    guards: {
      maxRemovedPercent: max_removed_percent,
      ...(max_removed === undefined ? {} : { maxRemoved: max_removed }),
      allowEmpty: allow_empty,
    },
  }
}
