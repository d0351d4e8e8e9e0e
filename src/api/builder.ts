import SchemaBuilder from '@pothos/core'
import { GraphQLError } from 'graphql'
import type { YogaInitialContext } from 'graphql-yoga'
import type { ApiContext } from './context.ts'

interface Types {
  Context: ApiContext & Pick<YogaInitialContext, 'request'>
  Scalars: {
    DateTime: { Input: Date; Output: Date }
    JSON: { Input: unknown; Output: unknown }
  }
}

/** All types and fields of the API are added to this builder; schema.ts makes the schema of it. */
export const builder = new SchemaBuilder<Types>({})

builder.scalarType('DateTime', {
  description: 'An instant, ISO 8601 in UTC.',
  serialize: (value) => value.toISOString(),
  parseValue: (value) => {
    const instant = new Date(String(value))
    if (!Number.isNaN(instant.getTime())) return instant
    throw new GraphQLError(`"${String(value)}" is not an instant; write it as 2026-01-31 or 2026-01-31T12:00:00Z.`)
  },
})

builder.scalarType('JSON', {
  description: 'Any JSON value.',
  serialize: (value) => value,
  parseValue: (value) => value,
})

builder.queryType({ description: 'What there is.' })
builder.mutationType({ description: 'What can be done.' })
builder.subscriptionType({ description: 'What goes on.' })
