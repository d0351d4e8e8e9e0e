import type { RuntimeSource } from './runtime-config.ts'

/** Paths that sources have in place of the known ones, for ad blockers know those. */
export class OwnPaths {
  /** The longest first: of two that fit, the more exact one is meant. */
  readonly #paths: readonly { readonly own: string; readonly known: string; readonly writeKey: string }[]

  constructor(sources: readonly Pick<RuntimeSource, 'writeKey' | 'paths'>[]) {
    this.#paths = sources
      .flatMap(({ writeKey, paths }) => Object.entries(paths).map(([own, known]) => ({ own, known, writeKey })))
      .sort((a, b) => b.own.length - a.own.length)
  }

  /** The known URL that an own one stands for. Its source's key comes with it, unless the client names one. */
  known(url: string): string | undefined {
    if (this.#paths.length === 0) return undefined
    const [path = '', query] = url.split(/\?(.*)/s, 2)
    const found = this.#paths.find(({ own }) => beginsWith(path, own))
    if (found === undefined) return undefined
    const parameters = new URLSearchParams(query)
    if (!parameters.has('writeKey')) parameters.set('writeKey', found.writeKey)
    return `${moved(path, found.own, found.known)}?${parameters}`
  }
}

/** The path by which a source's clients are to ask for a known one: its own where it has one. */
export function ownPath({ paths }: Pick<RuntimeSource, 'paths'>, known: string): string {
  const [own, stands] = Object.entries(paths).find(([, to]) => beginsWith(known, to)) ?? []
  return own === undefined || stands === undefined ? known : moved(known, stands, own)
}

function beginsWith(path: string, beginning: string): boolean {
  return beginning === '/' || path === beginning || path.startsWith(`${beginning}/`)
}

function moved(path: string, from: string, to: string): string {
  const rest = from === '/' ? path : path.slice(from.length)
  return `${to === '/' ? '' : to}${rest === '/' && to !== '/' ? '' : rest}` || '/'
}
