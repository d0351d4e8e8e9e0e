import { catalogue } from '../../src/core/errors.ts'
import type { Page } from '../page.ts'

const EXITS = {
  1: 'failed',
  2: 'usage, or an invalid project',
  3: 'stopped by a guard',
} as const

/** Every failure Muster reports, by code. */
export const page: Page = { file: 'docs/errors.md', text: async () => errorsPage() }

function errorsPage(): string {
  const codes = Object.entries(catalogue).sort(([a], [b]) => a.localeCompare(b, 'en'))
  return `# Errors

Every failure has a stable code that programs may match on. The command line prints
\`error: MESSAGE [CODE]\` and a hint on standard error; with \`--json\`, one object
\`{"error": {"code", "message", "hint"}}\`. The HTTP and GraphQL APIs answer with the same code.
Mistakes in a project's files are not in this list: they are reported together, with file, line and column.

Exit codes: 0 done; ${Object.entries(EXITS)
    .map(([exit, meaning]) => `${exit} ${meaning}`)
    .join('; ')}.

${codes.map(([code, kind]) => section(code, kind)).join('\n')}
This page is made from \`src/core/errors.ts\` by \`npm run docs\`.
`
}

function section(code: string, { title, remedy, exit, status }: (typeof catalogue)[keyof typeof catalogue]): string {
  return `## ${code}

${title} ${remedy}

Exit code ${exit}, HTTP status ${status}.
`
}
