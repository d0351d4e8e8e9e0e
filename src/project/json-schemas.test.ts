import { describe, expect, it } from 'vitest'
import { jsonSchemas } from './json-schemas.ts'
import { isRecord } from './yaml-tree.ts'

/** The paths of keys that say nothing to the person who hovers over them. */
function undescribed(schema: unknown, path: string): readonly string[] {
  if (Array.isArray(schema)) return schema.flatMap((each) => undescribed(each, path))
  if (!isRecord(schema)) return []
  const own = Object.entries(isRecord(schema.properties) ? schema.properties : {}).flatMap(([key, value]) => [
    ...(isRecord(value) && typeof value.description === 'string' ? [] : [`${path}.${key}`]),
    ...undescribed(value, `${path}.${key}`),
  ])
  return [...own, ...undescribed(schema.additionalProperties, `${path}.*`), ...undescribed(schema.anyOf, path)]
}

describe('jsonSchemas', () => {
  it.each(Object.entries(jsonSchemas()))('describes every key of %s', (kind, schema) => {
    expect(undescribed(schema, kind)).toEqual([])
    expect(schema).toMatchObject({ type: 'object', additionalProperties: false })
  })
})
