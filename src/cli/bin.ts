#!/usr/bin/env node
import { requireNode } from '../core/node-version.ts'

// Only requireNode is imported statically: an old Node must reach it before it meets syntax it cannot read.
try {
  requireNode(process.version)
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : error}\n`)
  process.exit(2)
}

// `npm run muster` starts in the clone's root; paths are meant from where it was called.
if (process.env.npm_lifecycle_event === 'muster' && process.env.INIT_CWD) process.chdir(process.env.INIT_CWD)

const { main, reportFailure } = await import('./main.ts')
const args = process.argv.slice(2)

// A reader such as `head` closes the pipe when it has seen enough: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})
process.on('uncaughtException', (error) => process.exit(reportFailure(error, args)))

process.exitCode = await main(args)
