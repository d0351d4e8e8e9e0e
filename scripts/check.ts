import { checks, failedOf } from './steps.ts'

const failed = await failedOf(checks)
if (failed.length > 0) process.exitCode = 1
