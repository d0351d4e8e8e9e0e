import { MusterError, messageOf } from '../../core/errors.ts'
import { systemCode } from '../../core/files.ts'

/** How a failed write of the log is reported. */
export function unwritten(error: unknown): MusterError {
  if (error instanceof MusterError) return error
  const message = `the event log could not be written: ${messageOf(error)}`
  switch (systemCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new MusterError('log_full', message, { cause: error })
    case 'EROFS': {
      const hint = 'The disk is mounted read-only, as failing disks are: see the system log, then mount it for writing.'
      return new MusterError('log_unwritable', message, { hint, cause: error })
    }
    default:
      return new MusterError('log_unwritable', message, { cause: error })
  }
}
