import { REFERENCE_CASES, type ReferenceCase } from '../../src/event/test/reference-cases.ts'
import type { Page } from '../page.ts'

/** Names and values beside RudderStack's: the cases of src/event/reference.test.ts. */
export const page: Page = { file: 'docs/reference/compared-tables.md', text: async () => comparedPage() }

/** By kind, without the type of a column. */
const TITLES = [
  ['column', 'Names of properties and traits'],
  ['table', 'Names of events'],
  ['schema', 'Names of sources'],
  ['value', 'Values'],
  ['column of type', 'Values for a column that exists'],
] as const

function comparedPage(): string {
  const differing = REFERENCE_CASES.filter(({ theirs }) => theirs !== undefined).length
  return `# Names and values beside RudderStack's

${REFERENCE_CASES.length} names and values, what becomes of each here, and what RudderStack's warehouse schema for Postgres makes of it by its
documented rules and published examples. ${differing} differ, each with the reason. How tables come about is told in
[tables](../concepts/tables.md).

\`none\`: nothing is stored. \`discards\`: the value is kept in the table \`discards\`, with the reason.

${TITLES.map(([kind, title]) => section(kind, title)).join('\n')}
This page is made from \`src/event/test/reference-cases.ts\` by \`npm run docs\`.
`
}

function section(kind: string, title: string): string {
  const cases = REFERENCE_CASES.filter((each) => each.kind.replace(/ \w+$/, '') === kind)
  return `## ${title}

| sent | Muster | RudderStack | why |
|---|---|---|---|
${cases.map(line).join('\n')}
`
}

function line({ kind, sent, ours, theirs, why = '' }: ReferenceCase): string {
  const target = kind.startsWith('column of type ') ? `, ${kind.slice('column of type '.length)} column` : ''
  return `| ${code(sent)}${target} | ${code(ours)} | ${theirs === undefined ? 'the same' : code(theirs)} | ${why} |`
}

/** Long repetitions are shortened, for a reader counts no characters. */
function code(text: string): string {
  const short = text.replace(/(.)\1{20,}/g, (run: string) => `${run.slice(0, 3)}… (${run.length}) `)
  return text === '' ? '(empty)' : `\`${short.replaceAll('|', '\\|').trim()}\``
}
