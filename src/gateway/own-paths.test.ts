import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OwnPaths, ownPath } from './own-paths.ts'

const part = fc.constantFrom('a', 'b', 'v1', 'track', 'kite')
const path = fc.array(part, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`)
const paths = fc.dictionary(
  path.filter((own) => own !== '/'),
  path,
  { minKeys: 1, maxKeys: 3 },
)

test('the path a source is asked by leads to the known one', () => {
  fc.assert(
    fc.property(paths, path, (own, known) => {
      const asked = ownPath({ paths: own }, known)
      if (asked === known) return
      const found = new OwnPaths([{ writeKey: 'k', paths: own }]).known(asked)
      // A longer own path may lie inside that of a shorter one, and goes before it.
      const shadowed = Object.keys(own).some((other) => other !== asked && asked.startsWith(`${other}/`))
      expect(shadowed ? found : `${known}?writeKey=k`).toBe(found)
    }),
  )
})

test.each([
  ['/kite', '/', '/kite', '/'],
  ['/kite', '/', '/kite/', '/'],
  ['/kite', '/', '/kite/v1/track', '/v1/track'],
  ['/kite', '/v1', '/kite/track', '/v1/track'],
  ['/kite', '/v1', '/kite', '/v1'],
  ['/k.json', '/v1/track', '/k.json', '/v1/track'],
])('%s for %s: %s is %s', (own, stands, asked, known) => {
  const found = new OwnPaths([{ writeKey: 'k', paths: { [own]: stands } }]).known(`${asked}?a=%20b`)
  expect(found).toBe(`${known}?a=+b&writeKey=k`)
})

test('what begins alike is not meant', () => {
  const own = new OwnPaths([{ writeKey: 'k', paths: { '/kite': '/' } }])
  expect(own.known('/kitesurf')).toBeUndefined()
  expect(own.known('/v1/track')).toBeUndefined()
})
