import { expect, test } from 'vitest'
import { MusterError } from './errors.ts'
import { requireNode } from './node-version.ts'

test.each(['v24.0.0', 'v24.21.0', 'v25.1.0', 'v100.0.0', '24.1.0'])('%s is new enough', (version) => {
  expect(() => requireNode(version)).not.toThrow()
})

test.each(['v20.20.2', 'v23.11.1', 'v9.0.0', 'v0.10.48', ''])('"%s" is refused', (version) => {
  expect(() => requireNode(version)).toThrow(MusterError)
})
