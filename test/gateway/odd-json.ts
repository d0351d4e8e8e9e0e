import fc from 'fast-check'
import { words } from './bad-input.ts'

const MEMBERS = [
  ...words`
  batch type event userId anonymousId messageId timestamp sentAt originalTimestamp receivedAt request_ip context
  properties traits integrations groupId previousId writeKey __proto__ constructor toString hasOwnProperty 0
  length
`,
  '',
]

const SCALARS = [
  ...words`
  null true false 0 -0 1e400 -1e400 1e-400 9007199254740993 "" "u" "track" "\u0000" "\ud800" "\u200b"
  "2026-01-02T03:04:05Z" "9999-99-99" [] {}
`,
  '" "',
]

const key = fc.oneof(fc.constantFrom(...MEMBERS), fc.string()).map((name) => JSON.stringify(name))

const { value, object } = fc.letrec<{ value: string; object: string; list: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...SCALARS),
    fc.json({ maxDepth: 1 }),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('value'), { maxLength: 4 }).map((values) => `[${values.join(',')}]`),
  object: fc
    .array(fc.tuple(key, tie('value')), { maxLength: 6 })
    .map((members) => `{${members.map(([name, text]) => `${name}:${text}`).join(',')}}`),
}))

/** Texts of JSON values whose keys are members of events more often than not; keys may come twice. */
export const oddJson: fc.Arbitrary<string> = value

const GOOD_START = '{"type":"track","userId":"u"'

/** Texts of events that would be accepted but for what they also hold. */
export const oddEvent = object.map((text) => (text === '{}' ? `${GOOD_START}}` : `${GOOD_START},${text.slice(1)}`))

/** Texts of batches of such values and events, with members of their own. */
export const oddBatch: fc.Arbitrary<string> = fc
  .tuple(fc.array(fc.oneof(value, oddEvent), { maxLength: 6 }), object)
  .map(([elements, more]) => `${more === '{}' ? '{' : `${more.slice(0, -1)},`}"batch":[${elements.join(',')}]}`)
