import type { Path } from './yaml-tree.ts'

export type Data = Record<string, unknown>

/** The value at a path; undefined where the path ends early. */
export function at(data: unknown, path: Path): unknown {
  let value = data
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = Reflect.get(value, part)
  }
  return value
}

export function put(data: Data, path: Path, value: unknown): void {
  const holder = at(data, path.slice(0, -1))
  const part = path.at(-1)
  if (typeof holder === 'object' && holder !== null && part !== undefined) Reflect.set(holder, part, value)
}

/** Takes a value out of its map or list; of the whole data, everything. */
export function remove(data: Data, path: Path): void {
  const holder = at(data, path.slice(0, -1))
  const part = path.at(-1)
  if (part === undefined) for (const key of Object.keys(data)) delete data[key]
  else if (Array.isArray(holder)) holder.splice(Number(part), 1)
  else if (typeof holder === 'object' && holder !== null) Reflect.deleteProperty(holder, part)
}
