import { expect, test } from 'vitest'
import { Bookmarks } from './bookmarks.ts'

test('reading begins at the nearest bookmark before the record, of the same segment', () => {
  const marks = new Bookmarks()
  expect(marks.before(7, 1)).toEqual({ offset: 0, sequence: 1 })
  marks.set(1, { offset: 50, sequence: 5 })
  marks.set(1, { offset: 90, sequence: 9 })
  marks.set(8, { offset: 20, sequence: 9 })
  expect(marks.before(7, 1)).toEqual({ offset: 50, sequence: 5 })
  expect(marks.before(9, 1)).toEqual({ offset: 90, sequence: 9 })
  expect(marks.before(100, 8)).toEqual({ offset: 20, sequence: 9 })
  marks.forget(1)
  expect(marks.before(9, 1)).toEqual({ offset: 0, sequence: 1 })
  for (let sequence = 10; sequence < 200; sequence++) marks.set(8, { offset: sequence, sequence })
  expect(marks.before(20, 8)).toEqual({ offset: 0, sequence: 8 })
  expect(marks.before(199, 8)).toEqual({ offset: 199, sequence: 199 })
})
