import type { MusterFile } from './muster-file.ts'
import { problem, type Report } from './report.ts'
import { nearest } from './suggest.ts'
import type { YamlTree } from './yaml-tree.ts'

/** Reports a time zone that is no IANA name; fixed offsets are none, for they know no summer. */
export function checkTimezone({ timezone }: MusterFile, tree: YamlTree, report: Report): void {
  if (timezone === undefined || isTimezone(timezone)) return
  const written = tree.written(['timezone']) ?? ''
  const near = tree.fromEnvironment(['timezone']) ? undefined : nearest(timezone, Intl.supportedValuesOf('timeZone'))
  const hint = near === undefined ? 'write a name such as `Europe/Amsterdam`' : `did you mean \`${near}\`?`
  report(
    problem(
      'invalid_value',
      tree.place(['timezone']),
      `\`timezone: ${written.slice(0, 60)}\` is no IANA time zone`,
      hint,
    ),
  )
}

function isTimezone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false // the only way to ask
  }
}
