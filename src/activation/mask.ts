/** A key as people may see it: enough to recognise, not enough to use. */
export function maskKey(key: string): string {
  const at = key.indexOf('@')
  if (at > 0) return `${key.slice(0, 1)}***${key.slice(at)}`
  return key.length > 12 ? `${key.slice(0, 8)}…` : `${key.slice(0, 2)}…`
}
