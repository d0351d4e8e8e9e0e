import { mkdir } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { DuckDBInstance } from '@duckdb/node-api'
import { MusterError, messageOf } from '../../core/errors.ts'

export interface InstanceSettings {
  /** The database file, absolute. */
  readonly path: string
  /** Such as `2GB`; by default 40 % of the machine's memory. */
  readonly memoryLimit?: string | undefined
  readonly threads?: number | undefined
  /** `none`: values stand in the file as they are, so that a search of its bytes finds them. */
  readonly compression?: 'none' | undefined
}

/** Opens a database in this process. Throws `warehouse_locked`, `warehouse_unreadable`. */
export async function openInstance(settings: InstanceSettings): Promise<DuckDBInstance> {
  const { path } = settings
  try {
    return await DuckDBInstance.create(path, optionsOf(settings))
  } catch (error) {
    const message = messageOf(error)
    if (/Could not set lock|Conflicting lock/.test(message)) {
      const holder = /PID (\d+)/.exec(message)?.[1]
      throw new MusterError(
        'warehouse_locked',
        `The DuckDB file ${path} is open in another process${holder ? ` (pid ${holder})` : ''}.`,
        { cause: error },
      )
    }
    throw new MusterError('warehouse_unreadable', `Cannot open the DuckDB file ${path}: ${message}`, { cause: error })
  }
}

function optionsOf({ memoryLimit, threads, compression }: InstanceSettings): Record<string, string> {
  return {
    memory_limit: memoryLimit ?? `${Math.floor((totalmem() * 0.4) / 1024 ** 2)}MB`,
    ...(threads !== undefined && { threads: String(threads) }),
    ...(compression === 'none' && { force_compression: 'uncompressed' }),
  }
}

/** Throws `folder_unwritable`. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    throw new MusterError('folder_unwritable', `The folder ${folder} cannot be made: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
