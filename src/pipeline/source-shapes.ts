import { type SourceShape, sourceShape } from '../event/index.ts'
import type { Project } from '../project/index.ts'

/** How events of sources become rows where their settings say something of it, by the source's name. */
export type SourceShapes = ReadonlyMap<string, SourceShape>

export function sourceShapes({ sources }: Project): SourceShapes {
  const shapes = new Map<string, SourceShape>()
  for (const { name, tables } of Object.values(sources)) {
    if (tables !== undefined) shapes.set(name, sourceShape(tables.jsonPaths, tables.storesEvents))
  }
  return shapes
}
