/**
 * Casts that give null where the text is of another type. Postgres has none before 16, so the text is examined first;
 * each `case` guards the cast inside it.
 */
import type { ColumnType } from '../warehouse.ts'

const NUMBER = '^\\s*[-+]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][-+]?\\d{1,3})?\\s*$'
/** More digits than any number has; `numeric` takes no more than 131,072 of them. */
const LONGEST = 1500
const TRUE = `('true', 't', 'yes', 'y', '1')`
const FALSE = `('false', 'f', 'no', 'n', '0')`
const DATE = '^\\s*\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])'
const TIME = '([T ]([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,9})?)?\\s*(Z|[-+](0\\d|1[0-4])(:?[0-5]\\d)?)?)?'
/** Half the smallest float, below which Postgres refuses what others call zero, and what is beyond the greatest. */
const SMALLEST = '4.95e-324'
const GREATEST = '1.7976931348623157e308'

export function tryCast(expression: string, type: ColumnType): string {
  const text = `(${expression})::text`
  switch (type) {
    case 'string':
    case 'other':
      return text
    case 'int':
      return `case when ${text} ~ '${NUMBER}' then case when length(${text}) > ${LONGEST} then null when round(${text}::numeric) between -9223372036854775808 and 9223372036854775807 then round(${text}::numeric)::bigint end end`
    case 'float':
      return `case when ${text} ~ '${NUMBER}' then case when length(${text}) > ${LONGEST} then null when abs(${text}::numeric) > ${GREATEST} then 'infinity'::double precision * sign(${text}::numeric)::double precision when abs(${text}::numeric) < ${SMALLEST} then 0::double precision else ${text}::double precision end end`
    case 'boolean':
      return `case when lower(trim(${text})) in ${TRUE} then true when lower(trim(${text})) in ${FALSE} then false end`
    case 'date':
      return `case when ${text} ~ '${DATE}\\s*$' then case when ${isDay(text)} then ${text}::date end end`
    case 'datetime':
      return `case when ${text} ~ '${DATE}${TIME}\\s*$' then case when ${isDay(text)} then ${text}::timestamptz end end`
    case 'json':
      return `to_jsonb(${text})`
  }
}

/** Whether the month of a text that looks like a date has such a day; there is no year 0. */
function isDay(text: string): string {
  const part = (from: number, length: number) => `substr(ltrim(${text}), ${from}, ${length})::int`
  const first = `make_date(greatest(${part(1, 4)}, 1), ${part(6, 2)}, 1)`
  return `${part(1, 4)} > 0 and ${part(9, 2)} <= extract(day from ${first} + interval '1 month - 1 day')`
}
