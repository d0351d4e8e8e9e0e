/**
 * Renders docs/connectors/<name>.md from what a connector declares.
 */
import type { Connector } from './connector.ts'
import type { Field, Manifest, Property } from './manifest.ts'
import { normaliserTitle } from './normalisers.ts'

/** Markdown that ends with a newline. */
export function renderConnectorDoc({ name, manifest }: Connector): string {
  const sections = [
    `# ${manifest.title}`,
    'Made from the connector’s `connector.yaml`; change it there.',
    manifest.description.trim(),
    `Vendor’s documentation: <${manifest.docs}>`,
    setUp(name, manifest),
    '## Settings',
    table(['setting', 'what it is', ''], Object.entries(manifest.settings).map(settingRow)),
    '## What `send:` may say',
    table(
      ['option', 'what it is', ''],
      Object.entries(manifest.options).map(([key, option]) => [`\`${key}\``, option.description, facts(option)]),
    ),
    fieldsSection(manifest),
    '## Limits',
    limitsText(manifest),
    '## Errors',
    table(['code', 'what becomes of the rows', 'what it means'], Object.entries(manifest.errors).map(errorRow)),
    ...(manifest.notes.length > 0 ? ['## Good to know', manifest.notes.map((note) => `- ${note}`).join('\n')] : []),
  ]
  return `${sections.join('\n\n')}\n`
}

function setUp(name: string, { settings, options, object, fields, key }: Manifest): string {
  const given = Object.entries(settings).filter(([, { required }]) => required)
  const lines = given.map(([setting, { secret, example }]) => {
    const value = secret ? `\${${`${name}_${setting}`.toUpperCase()}}` : String(example ?? '…')
    return `      ${setting}: ${value}`
  })
  const option = object.create.given
  const example = String(options[option]?.example ?? '…')
  const column = fields[key]?.columns[0] ?? key
  return [
    'In `muster.yaml`:',
    ['```yaml', 'destinations:', '  my_destination:', `    connector: ${name}`, '    settings:', ...lines, '```'].join(
      '\n',
    ),
    `In an audience, whose rows or profiles have a column \`${column}\`:`,
    ['```yaml', 'send:', `  my_destination: { ${option}: ${example} }`, '```'].join('\n'),
    `The ${object.title} is looked up when a plan is made, and created by \`muster apply\` when it does not exist.`,
  ].join('\n\n')
}

function settingRow([name, setting]: [string, Manifest['settings'][string]]): readonly string[] {
  return [
    `\`${name}\``,
    setting.description,
    [setting.secret ? 'secret' : '', facts(setting)].filter(Boolean).join('; '),
  ]
}

function facts({ required, default: value, one_of: words, pattern, example }: Property): string {
  return [
    required ? 'required' : '',
    words ? `one of ${words.map((word) => `\`${word}\``).join(', ')}` : '',
    value === undefined ? '' : `default \`${value}\``,
    pattern === undefined ? '' : `matches \`${pattern}\``,
    example === undefined ? '' : `such as \`${example}\``,
  ]
    .filter(Boolean)
    .join('; ')
}

function fieldsSection({ fields, key, other_fields: others }: Manifest): string {
  const rows = Object.entries(fields).map(([name, field]) => [
    `\`${name}\`${name === key ? ' (the key)' : ''}`,
    `${field.title}; ${normaliserTitle(field.normalise)}${field.hash ? ', then SHA-256' : ''}`,
    columnsText(field),
  ])
  const more = others
    ? `\n\nBesides, ${others.title} (matches \`${others.pattern}\`); ${normaliserTitle(others.normalise)}.`
    : ''
  return `## Fields\n\n${table(['field', 'what is sent', 'taken from the column'], rows)}${more}`
}

function columnsText({ columns }: Field): string {
  return columns.length === 0
    ? 'only where `mapping:` names it'
    : columns.map((column) => `\`${column}\``).join(', else ')
}

function limitsText({ limits, version }: Manifest): string {
  const rate = limits.calls_per_second === undefined ? '' : `, at most ${limits.calls_per_second} a second`
  return `Version \`${version}\` of the API. Batches of ${limits.rows} rows, ${limits.concurrency} calls at once${rate}; a call is given ${limits.timeout_seconds} s.`
}

function errorRow([name, { outcome, retry, message }]: [string, Manifest['errors'][string]]): readonly string[] {
  return [`\`${name}\``, `${outcome.replace('_', ' ')}${retry ? ', after retries' : ''}`, message]
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ').trim()).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
