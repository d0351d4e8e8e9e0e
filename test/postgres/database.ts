import { inject } from 'vitest'

/** The URL of a fresh database on the server of this run of tests. */
export async function freshDatabase(): Promise<string> {
  const response = await fetch(inject('postgres'))
  if (!response.ok) throw new Error(await response.text())
  return response.text()
}
