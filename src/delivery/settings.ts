import { MusterError } from '../core/errors.ts'
import type { Options } from './delivery.ts'
import type { Manifest, Property } from './manifest.ts'

/** Values with the declared defaults filled in. */
export function withDefaults(declared: Readonly<Record<string, Property>>, values: Options): Options {
  const defaults = Object.entries(declared).flatMap(([name, { default: value }]) =>
    value === undefined ? [] : [[name, value]],
  )
  return { ...Object.fromEntries(defaults), ...values }
}

/** Settings with defaults, and with what can be read from other settings. */
export function completeSettings({ settings: declared }: Manifest, settings: Options): Options {
  const complete = withDefaults(declared, settings)
  const derived = Object.entries(declared).flatMap(([name, { from }]) => {
    const value = from && new RegExp(from.match, 'u').exec(String(complete[from.setting] ?? ''))?.[1]
    return complete[name] === undefined && value !== undefined ? [[name, value]] : []
  })
  return { ...complete, ...Object.fromEntries(derived) }
}

/** Text with names of settings in braces. Throws `destination_refused` when one has no value. */
export function fillSettings(template: string, settings: Options): string {
  return template.replace(/\{([^{}]+)\}/g, (_, name: string) => {
    const value = settings[name]
    if (value !== undefined) return encodeURIComponent(value)
    throw new MusterError('destination_refused', `The setting ${name} is missing.`)
  })
}

/** Settings that may be shown and put into requests' bodies. */
export function publicSettings({ settings: declared }: Manifest, settings: Options): Options {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => declared[name]?.secret === false))
}

export function secretsOf({ settings: declared }: Manifest, settings: Options): readonly string[] {
  return Object.entries(settings).flatMap(([name, value]) => (declared[name]?.secret === false ? [] : [String(value)]))
}
