import fc from 'fast-check'
import { runs } from '../src/core/test/patience.ts'

const seed = Number(process.env.MUSTER_SEED)

fc.configureGlobal({
  seed,
  numRuns: runs(100),
  reporter(details) {
    if (!details.failed) return
    const report = fc.defaultReportMessage(details)
    throw new Error(`${report}\nReplay with MUSTER_SEED=${details.seed}.`, { cause: details.errorInstance })
  },
})
