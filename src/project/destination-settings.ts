import { environmentOf, isTwin } from './environments.ts'
import type { Destination } from './project.ts'
import type { SettingsInput } from './settings.ts'
import type { Path, YamlTree } from './yaml-tree.ts'

/** The destinations, with what the environment says merged over them. */
export function readDestinations({ env, file, tree }: SettingsInput): Readonly<Record<string, Destination>> {
  const overrides = environmentOf(file, env).destinations ?? {}
  const destinations: Record<string, Destination> = {}
  for (const [name, { connector, settings = {} }] of Object.entries(file.destinations ?? {})) {
    const override = Object.hasOwn(overrides, name) ? (overrides[name]?.settings ?? {}) : {}
    const path = ['destinations', name, 'settings']
    destinations[name] = {
      ...tree.keyPlace(['destinations', name]),
      name,
      connector,
      settings: { ...complete(tree, path, settings), ...complete(tree, ['environments', env, ...path], override) },
      twin: isTwin(file, env, name),
    }
  }
  return destinations
}

/** The settings less those that wait for a variable: the twin does without, and elsewhere each is a problem of its own. */
function complete(tree: YamlTree, path: Path, settings: Destination['settings']): Destination['settings'] {
  const waiting = new Set(tree.missing.map((missing) => JSON.stringify(missing.path)))
  return Object.fromEntries(Object.entries(settings).filter(([key]) => !waiting.has(JSON.stringify([...path, key]))))
}
