/**
 * `.muster/server.json`: how verbs find the process that holds the project. Readable by its owner only.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export interface ServerFile {
  readonly pid: number
  readonly url: string
  readonly token: string
}

const serverFilePath = (root: string): string => join(root, '.muster', 'server.json')

export async function writeServerFile(root: string, server: ServerFile): Promise<void> {
  const path = serverFilePath(root)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.part`, `${JSON.stringify(server)}\n`, { mode: 0o600 })
  await rename(`${path}.part`, path)
}

/** The server of a project whose process is alive; nothing where there is none. */
export async function readServerFile(root: string): Promise<ServerFile | undefined> {
  const server = await parse(serverFilePath(root))
  return server && isAlive(server.pid) ? server : undefined
}

export async function removeServerFile(root: string): Promise<void> {
  await rm(serverFilePath(root), { force: true })
}

async function parse(path: string): Promise<ServerFile | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ServerFile // written by us, whole or not at all
  } catch {
    return undefined // there is none
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
