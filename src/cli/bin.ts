#!/usr/bin/env node
import { requireNode } from '../core/node-version.ts'

// Only requireNode is imported statically: an old Node must reach it before it meets syntax it cannot read.
try {
  requireNode(process.version)
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : error}\n`)
  process.exit(2)
}

const { main, reportFailure } = await import('./main.ts')
const args = process.argv.slice(2)

// A reader such as `head` closes the pipe when it has seen enough: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})
process.on('uncaughtException', (error) => process.exit(reportFailure(error, args)))

process.exitCode = await main(args)
