import { InvalidArgumentError } from 'commander'

/** A port number, 0 for any free one; undefined where none is said. */
export function parsePort(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port
  throw new InvalidArgumentError(`"${text}" is no port; give a number from 0 to 65535.`)
}
