import fc from 'fast-check'

const seed = Number(process.env.MUSTER_SEED)

/** Properties run this many times more in `npm run long -- properties`. */
const factor = process.env.MUSTER_LONG === undefined ? 1 : 50

fc.configureGlobal({
  seed,
  numRuns: 100 * factor,
  reporter(details) {
    if (!details.failed) return
    const report = fc.defaultReportMessage(details)
    throw new Error(`${report}\nReplay with MUSTER_SEED=${details.seed}.`, { cause: details.errorInstance })
  },
})
