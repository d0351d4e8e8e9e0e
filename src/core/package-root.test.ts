import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { codeExtension, findPackageRoot, packageVersion } from './package-root.ts'

test('the package root is the clone when running from source', () => {
  expect(findPackageRoot()).toBe(join(import.meta.dirname, '../..'))
  expect(existsSync(join(findPackageRoot(), 'src/core/package-root.ts'))).toBe(true)
})

test('the version is a version', () => {
  expect(packageVersion()).toMatch(/^\d+\.\d+\.\d+/)
})

test('source is discovered as TypeScript', () => {
  expect(codeExtension).toBe('.ts')
})
