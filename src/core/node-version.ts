import { MusterError } from './errors.ts'

const OLDEST = 24

/**
 * Throws where this Node.js cannot run Muster. Entry points call it before they import anything else, so this file
 * and what it imports keep to syntax that old versions can read.
 */
export function requireNode(version: string): void {
  const major = Number(/^v?(\d+)\./.exec(version)?.[1])
  if (major >= OLDEST) return
  throw new MusterError('node_too_old', `Muster needs Node.js ${OLDEST} or newer, and this is ${version}.`)
}
