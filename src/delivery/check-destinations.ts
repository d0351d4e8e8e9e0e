/**
 * Checks what a project says about destinations against what their connectors declare.
 */
import type { Problem } from '../core/problems.ts'
import type { Destination, Place, Project, Send } from '../project/index.ts'
import { suggest } from '../project/suggest.ts'
import { fieldNamed, unknownField } from './compile-row.ts'
import type { Connector } from './connector.ts'
import type { Manifest, Property } from './manifest.ts'

type Connectors = ReadonlyMap<string, Connector>
type Values = Readonly<Record<string, string | number | boolean>>
type Report = (code: string, message: string, hint: string) => Problem

/** Every mistake in destinations and in what is sent to them, at the place of the destination or of the `send:` entry. */
export function checkDestinations(
  { destinations, models, audiences }: Pick<Project, 'destinations' | 'models' | 'audiences'>,
  connectors: Connectors,
): readonly Problem[] {
  const sends = [...audiences, ...models].flatMap(({ send }) => send)
  return [
    ...Object.values(destinations).flatMap((destination) => checkSettings(destination, connectors)),
    ...sends.flatMap((send) => {
      const destination = destinations[send.destination] // an unknown one is the project's own problem
      const connector = destination && connectors.get(destination.connector)
      return connector ? checkSend(send, connector) : []
    }),
  ]
}

function checkSettings(destination: Destination, connectors: Connectors): readonly Problem[] {
  const { name, connector: wanted, settings, twin } = destination
  const report = reporter(destination)
  const connector = connectors.get(wanted)
  if (!connector) {
    const hint = suggest(wanted, [...connectors.keys()])
    return [
      report('unknown_connector', `Destination "${name}" names the connector "${wanted}", which does not exist.`, hint),
    ]
  }
  const declared = connector.manifest.settings
  return [
    ...unknownNames('setting', `Destination "${name}"`, settings, declared, report),
    ...Object.entries(declared).flatMap(([setting, property]) => {
      const value = settings[setting]
      if (value !== undefined) return invalidValue('setting', setting, value, property, property.secret, report)
      if (!property.required || property.default !== undefined || (twin && property.secret)) return []
      return [report('missing_setting', `Destination "${name}" lacks the setting ${setting}.`, property.description)]
    }),
  ]
}

function checkSend(send: Send, connector: Connector): readonly Problem[] {
  const { options, mapping } = send
  const { manifest, name } = connector
  const report = reporter(send)
  const what = `send: ${send.destination}`
  const fields = Object.keys(mapping).filter((field) => !fieldNamed(manifest, field))
  return [
    ...unknownNames('option', what, options, manifest.options, report),
    ...Object.entries(manifest.options).flatMap(([option, property]) => {
      const value = options[option]
      if (value !== undefined) return invalidValue('option', option, value, property, false, report)
      if (!property.required || property.default !== undefined) return []
      return [report('missing_option', `${what} lacks the option ${option}.`, property.description)]
    }),
    ...objectProblems(what, manifest, options, report),
    ...fields.map((field) => {
      const { message, hint } = unknownField(name, manifest, field)
      return report('unknown_field', message, hint)
    }),
  ]
}

/** Exactly one option names the object. */
function objectProblems(
  what: string,
  { object, options: declared }: Manifest,
  options: Values,
  report: Report,
): readonly Problem[] {
  const naming = object.find.map(({ given }) => given)
  const given = naming.filter((option) => options[option] !== undefined)
  if (given.length > 1) {
    return [
      report(
        'conflicting_options',
        `${what} names the ${object.title} twice: by ${given.join(' and ')}.`,
        `keep one of them`,
      ),
    ]
  }
  if (given.length === 1 || naming.some((option) => declared[option]?.required)) return []
  return [report('missing_option', `${what} does not say which ${object.title}.`, `give ${naming.join(' or ')}`)]
}

function unknownNames(
  kind: 'setting' | 'option',
  what: string,
  values: Values,
  declared: Readonly<Record<string, Property>>,
  report: Report,
): readonly Problem[] {
  return Object.keys(values)
    .filter((name) => !Object.hasOwn(declared, name))
    .map((name) =>
      report(`unknown_${kind}`, `${what} has an unknown ${kind} "${name}".`, suggest(name, Object.keys(declared))),
    )
}

function invalidValue(
  kind: 'setting' | 'option',
  name: string,
  value: string | number | boolean,
  { type, pattern, one_of: words, description }: Property,
  secret: boolean,
  report: Report,
): readonly Problem[] {
  const shown = secret ? '' : ` "${value}"`
  const wrong = (message: string, hint: string) => [
    report(`invalid_${kind}`, `The ${kind} ${name}${shown} ${message}.`, hint),
  ]
  // YAML reads 123 as a number where a text is meant, such as an account's id.
  if (type === 'text' ? typeof value === 'boolean' : typeof value !== type)
    return wrong(`is not a ${type}`, description)
  if (words && !words.includes(String(value)))
    return wrong(`is none of ${words.join(', ')}`, suggest(String(value), words))
  if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`, 'u').test(String(value))) {
    return wrong('does not look like one', description)
  }
  return []
}

function reporter({ file, line, column }: Place): Report {
  return (code, message, hint) => ({ code, severity: 'error', file, line, column, message, hint })
}
