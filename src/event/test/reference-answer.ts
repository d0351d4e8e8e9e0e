import { convert } from '../convert.ts'
import { columnName, schemaName, tableName } from '../naming.ts'
import { eventRows } from '../rows.ts'
import { type ColumnType, columnValue } from '../value.ts'
import type { ReferenceCase } from './reference-cases.ts'

const AT = '2026-01-02T12:00:00.000Z'

/** What Muster makes of a case. */
export function answerOf({ kind, sent }: Pick<ReferenceCase, 'kind' | 'sent'>): string {
  switch (kind) {
    case 'column':
      return columnName(sent) ?? 'discards'
    case 'table':
      return tableName(sent) ?? 'none'
    case 'schema':
      return schemaName(sent)
    case 'value':
      return columnsOf(sent)
    default:
      return stored(sent, kind.slice('column of type '.length) as ColumnType) // the kind ends in one
  }
}

/** The columns that a property `v` of this value becomes. */
function columnsOf(json: string): string {
  const properties = JSON.parse(`{"v":${json}}`)
  const ids = { type: 'track', messageId: 'm', userId: 'u', receivedAt: AT, request_ip: '' } as const
  const { rows, discards } = eventRows({
    source: 'web',
    receivedAt: AT,
    requestIp: '',
    event: { ...ids, event: 'e', properties },
  })
  const columns = [...(rows[1]?.values ?? [])]
    .filter(([column]) => /^v(_|$)/.test(column))
    .map(([column, { type, value }]) => `${column === 'v' ? '' : `${column} `}${type} ${value}`)
  return [...columns, ...(discards.length > 0 ? ['discards'] : [])].join(', ') || 'none'
}

function stored(json: string, to: ColumnType): string {
  const value = columnValue(JSON.parse(json))
  if (value === undefined) return 'none'
  const converted = convert(value, to === 'int' && value.type === 'float' ? 'float' : to)
  return converted === undefined ? 'discards' : String(converted.value)
}
