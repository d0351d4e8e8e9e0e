import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LogEntry, type LogWriter, openLogReader, openLogWriter } from '../src/log/index.ts'
import type { Bench, Check } from './bench.ts'
import { sampleEvent } from './load/sample-event.ts'

const GROUP = 1000
const SECONDS = 3
const READ_BYTES = 16 * 1024 * 1024

interface Rate {
  /** Records a second. */
  readonly records: number
  /** Syncs a second. */
  readonly syncs: number
}
